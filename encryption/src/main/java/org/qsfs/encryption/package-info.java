/** Key hierarchy, authenticated encryption in pieces, shard authentication and key wrapping. */
@NullMarked
package org.qsfs.encryption;

import org.jspecify.annotations.NullMarked;
