/**
 * The bytes of 0-db's files (ZDB.md §8): data file version 3, index file version 4, the settings file {@code zdb-namespace}.
 *
 * <p>Everything is little endian and packed. {@link org.qsfs.zdb.format.DataFormat} and
 * {@link org.qsfs.zdb.format.IndexFormat} encode and decode; {@link org.qsfs.zdb.format.ZdbCrc} is the checksum of values.
 * Nothing here does I/O except {@link org.qsfs.zdb.format.NamespaceSettings}, which writes its file by rename. All types are
 * immutable or static functions.
 */
@NullMarked
package org.qsfs.zdb.format;

import org.jspecify.annotations.NullMarked;
