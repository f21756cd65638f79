/** Embedded zdb: append-only storage engine and RESP server. */
@NullMarked
package org.qsfs.zdb;

import org.jspecify.annotations.NullMarked;
