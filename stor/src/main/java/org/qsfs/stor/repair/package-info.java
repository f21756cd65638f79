/** Making segments whole again: shards that are missing are made from k others, never encrypted again. */
@NullMarked
package org.qsfs.stor.repair;

import org.jspecify.annotations.NullMarked;
