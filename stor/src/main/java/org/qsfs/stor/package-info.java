/** The stor engine: segments become stripes, stripes become shards on backends. */
@NullMarked
package org.qsfs.stor;

import org.jspecify.annotations.NullMarked;
