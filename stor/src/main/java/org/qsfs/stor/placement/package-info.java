/** Which backends get the shards of a segment. {@link org.qsfs.stor.placement.Placement} has the rule; nothing here talks to anybody. */
@NullMarked
package org.qsfs.stor.placement;

import org.jspecify.annotations.NullMarked;
