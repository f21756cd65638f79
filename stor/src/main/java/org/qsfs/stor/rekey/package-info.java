/** Segments that were encrypted under an older master key get a new attempt under the current one: {@link org.qsfs.stor.rekey.Reencryption}. */
@NullMarked
package org.qsfs.stor.rekey;

import org.jspecify.annotations.NullMarked;
