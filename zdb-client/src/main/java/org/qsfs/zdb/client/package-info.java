/** Client of any zdb server. */
@NullMarked
package org.qsfs.zdb.client;

import org.jspecify.annotations.NullMarked;
