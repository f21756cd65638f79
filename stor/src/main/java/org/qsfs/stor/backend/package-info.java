/** The backends of a volume: who they are, how they behave, what they can take. */
@NullMarked
package org.qsfs.stor.backend;

import org.jspecify.annotations.NullMarked;
