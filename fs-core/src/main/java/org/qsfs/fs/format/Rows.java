package org.qsfs.fs.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;

/**
 * The tables of the index and their keys (<b>format</b>). A key is one letter and the fields below, numbers unsigned and big
 * endian, so that rows sort by table, then field by field.
 *
 * <pre>
 *  table  key                                                   value
 *  -----  ----------------------------------------------------  -------------------------------------------------------
 *  'D'    parent u64 | name (1..255 bytes)                      {@link EntryRow}: a name in a directory
 *  'E'    inode u64 | file offset u64                           {@link ExtentRow}: where a range of a file is
 *  'I'    inode u64                                             {@link InodeRow}: attributes
 *  'O'    parent u64 | cookie u64                               {@link ListingRow}: the same names in the order of creation
 *  'R'    segment u32 | record u32 | inode u64 | offset u64     {@link SharedRow}: an extent outside of the file and place
 *                                                               that its record was written for
 *  'X'    inode u64 | name (1..255 bytes)                       version u8 = 1 | value: an extended attribute
 *  'Z'    inode u64                                             version u8 = 1: an inode without a name, to be dropped
 * </pre>
 *
 * Letters that are not listed belong to later versions; this program leaves such rows alone. 'S' is kept for snapshots.
 */
public final class Rows {
    /** First cookie of a directory's entries; 1 and 2 are {@code .} and {@code ..}. */
    public static final long FIRST_COOKIE = 3;

    private static final byte[] ORPHAN_VALUE = {1};
    private static final byte ATTRIBUTE_VERSION = 1;

    private Rows() {}

    public static byte[] inodeKey(long inode) {
        return key('I', inode);
    }

    public static byte[] entryKey(long parent, FileName name) {
        return key('D', parent, name.bytes());
    }

    public static byte[] listingKey(long parent, long cookie) {
        return key('O', parent, cookie);
    }

    public static byte[] extentKey(long inode, long offset) {
        return key('E', inode, offset);
    }

    public static byte[] attributeKey(long inode, byte[] name) {
        return key('X', inode, name);
    }

    public static byte[] orphanKey(long inode) {
        return key('Z', inode);
    }

    /** @param record offset of the record in its segment, unsigned */
    public static byte[] sharedKey(int segment, int record, long inode, long offset) {
        return ByteBuffer.allocate(25)
                .put((byte) 'R')
                .putInt(segment)
                .putInt(record)
                .putLong(inode)
                .putLong(offset)
                .array();
    }

    /** The smallest key of a table. */
    public static byte[] tableStart(char table) {
        return new byte[] {(byte) table};
    }

    /** Greater than every key of a table, smaller than every other key behind it. */
    public static byte[] tableEnd(char table) {
        return new byte[] {(byte) (table + 1)};
    }

    /** Greater than every key that begins with the table and this number. */
    public static byte[] endOf(char table, long first) {
        return first == -1 ? tableEnd(table) : key(table, first + 1);
    }

    /** The first number of a key: parent or inode. */
    public static long first(byte[] key) {
        return ByteBuffer.wrap(key).getLong(1);
    }

    /** The second number of a key: cookie or file offset. */
    public static long second(byte[] key) {
        return ByteBuffer.wrap(key).getLong(9);
    }

    /** The name behind the first number of a key. */
    public static byte[] nameBytes(byte[] key) {
        return Arrays.copyOfRange(key, 9, key.length);
    }

    /** The name of a 'D' key. */
    public static FileName name(byte[] key) throws FsException {
        return FileName.of(nameBytes(key));
    }

    public static byte[] orphanValue() {
        return ORPHAN_VALUE.clone();
    }

    public static byte[] attributeValue(byte[] value) {
        return new RowWriter().u8(ATTRIBUTE_VERSION).bytes(value).toBytes();
    }

    public static byte[] attributeOf(long inode, byte[] row) throws FsException {
        return new RowParser("an extended attribute of inode " + inode, row)
                .version(ATTRIBUTE_VERSION)
                .rest();
    }

    private static byte[] key(char table, long first) {
        return ByteBuffer.allocate(9).put((byte) table).putLong(first).array();
    }

    private static byte[] key(char table, long first, long second) {
        return ByteBuffer.allocate(17)
                .put((byte) table)
                .putLong(first)
                .putLong(second)
                .array();
    }

    private static byte[] key(char table, long first, byte[] name) {
        return ByteBuffer.allocate(9 + name.length)
                .put((byte) table)
                .putLong(first)
                .put(name)
                .array();
    }
}
