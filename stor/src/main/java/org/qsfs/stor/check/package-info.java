/** Looking at shards: the check before a local copy is dropped, and the inspection that scrubs and repairs use. */
@NullMarked
package org.qsfs.stor.check;

import org.jspecify.annotations.NullMarked;
