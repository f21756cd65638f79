package org.qsfs.fs.format;

import org.qsfs.fs.FsException;

/**
 * Tells the space collector that a record is also used by an extent elsewhere: copy_file_range shares records instead of
 * copying. A hint: the collector looks at the extents of the inode in {@code [offset, offset + length)}, and removes the row
 * when none of them refers to the record.
 *
 * <pre>
 *   version u8 = 1 | length varint
 * </pre>
 *
 * @param length bytes of the range of the file that was shared
 */
public record SharedRow(long length) {
    private static final int VERSION = 1;

    public byte[] encode() {
        return new RowWriter().u8(VERSION).varint(length).toBytes();
    }

    public static SharedRow decode(byte[] value) throws FsException {
        return new SharedRow(
                new RowParser("a shared range", value).version(VERSION).varint());
    }
}
