package org.qsfs.fs.format;

import org.qsfs.fs.FileName;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;

/**
 * An entry of a directory under its cookie. Cookies grow and are never used twice in a directory, so a listing that goes on behind
 * a cookie neither misses nor repeats names that stay.
 *
 * <pre>
 *   version u8 = 1 | inode varint | type u8 (S_IFMT &gt;&gt; 12) | name: the rest
 * </pre>
 */
public record ListingRow(long inode, FileType type, FileName name) {
    private static final int VERSION = 1;

    public byte[] encode() {
        return new RowWriter()
                .u8(VERSION)
                .varint(inode)
                .u8(type.direntType())
                .bytes(name.bytes())
                .toBytes();
    }

    public static ListingRow decode(long parent, byte[] value) throws FsException {
        RowParser parser = new RowParser("the listing of directory " + parent, value).version(VERSION);
        return new ListingRow(parser.varint(), parser.type(parser.u8() << 12), FileName.of(parser.rest()));
    }
}
