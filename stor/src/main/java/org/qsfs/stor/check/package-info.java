/** The check before a local copy is dropped. */
@NullMarked
package org.qsfs.stor.check;

import org.jspecify.annotations.NullMarked;
