/** The catalog: what of a volume is stored where. */
@NullMarked
package org.qsfs.metadata;

import org.jspecify.annotations.NullMarked;
