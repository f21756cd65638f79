package org.qsfs.fs.format;

import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;

/**
 * What a name in a directory stands for.
 *
 * <pre>
 *   version u8 = 1 | inode varint | type u8 (S_IFMT &gt;&gt; 12) | cookie varint
 * </pre>
 *
 * @param cookie position in listings, see {@link ListingRow}
 */
public record EntryRow(long inode, FileType type, long cookie) {
    private static final int VERSION = 1;

    public byte[] encode() {
        return new RowWriter()
                .u8(VERSION)
                .varint(inode)
                .u8(type.direntType())
                .varint(cookie)
                .toBytes();
    }

    public static EntryRow decode(long parent, byte[] value) throws FsException {
        RowParser parser = new RowParser("an entry of directory " + parent, value).version(VERSION);
        return new EntryRow(parser.varint(), parser.type(parser.u8() << 12), parser.varint());
    }
}
