package org.qsfs.fs.format;

import org.qsfs.fs.FsException;
import org.qsfs.zdb.log.Location;

/**
 * A range of a file that is in a range of a data record.
 *
 * <pre>
 *   version u8 = 1
 *   flags u8             bit 0: the key of the record is not (inode, file offset - offset in the record)
 *   length varint        bytes of the range, 1 to 1 MiB
 *   segment varint
 *   record varint        offset of the record's entry in the segment
 *   from varint          first byte of the range in the data of the record
 *   data length varint   bytes of file data in the record
 *   sequence varint      of the record's key
 *   only with bit 0:
 *   key inode varint, key offset varint
 * </pre>
 *
 * @param offset first byte of the range in the file
 * @param length bytes
 * @param key of the record, which seeds its checksums
 * @param record where the record is; its length covers data and checksums
 * @param from first byte of the range in the record's data
 */
public record ExtentRow(long offset, int length, DataRecord.Key key, Location record, int from) {
    private static final int VERSION = 1;
    private static final int FOREIGN = 1;

    /** The byte of the file behind the range. */
    public long end() {
        return offset + length;
    }

    /** Bytes of file data in the record. */
    public int dataLength() {
        return DataRecord.dataLength(record.length());
    }

    /** Whether the record was written for another file or another place of this file. */
    public boolean isForeign(long inode) {
        return key.inode() != inode || key.offset() != offset - from;
    }

    /** The part from {@code begin} to {@code end}, both inside of this range. */
    public ExtentRow part(long begin, long end) {
        return new ExtentRow(begin, (int) (end - begin), key, record, from + (int) (begin - offset));
    }

    /** The same bytes at another place of a file. */
    public ExtentRow movedTo(long newOffset) {
        return new ExtentRow(newOffset, length, key, record, from);
    }

    public byte[] encode(long inode) {
        boolean foreign = isForeign(inode);
        RowWriter writer = new RowWriter()
                .u8(VERSION)
                .u8(foreign ? FOREIGN : 0)
                .varint(length)
                .varint(Integer.toUnsignedLong(record.segment()))
                .varint(record.position())
                .varint(from)
                .varint(dataLength())
                .varint(key.sequence());
        if (foreign) {
            writer.varint(key.inode()).varint(key.offset());
        }
        return writer.toBytes();
    }

    /** Whether offset and lengths fit to each other. */
    public boolean isPlausible() {
        return length > 0
                && from >= 0
                && dataLength() <= DataRecord.MAX_DATA
                && (long) from + length <= dataLength()
                && offset >= 0
                && offset + length > 0;
    }

    public static ExtentRow decode(byte[] rowKey, byte[] value) throws FsException {
        long inode = Rows.first(rowKey);
        long offset = Rows.second(rowKey);
        RowParser parser = new RowParser("the extent of inode " + inode + " at " + offset, value).version(VERSION);
        int flags = parser.u8();
        int length = parser.varint32();
        int segment = parser.varint32();
        int position = parser.varint32();
        int from = parser.varint32();
        int dataLength = parser.varint32();
        long sequence = parser.varint();
        DataRecord.Key key = (flags & FOREIGN) != 0
                ? new DataRecord.Key(parser.varint(), parser.varint(), sequence)
                : new DataRecord.Key(inode, offset - from, sequence);
        if (dataLength <= 0 || dataLength > DataRecord.MAX_DATA) {
            throw parser.damaged("a record of " + dataLength + " bytes");
        }
        ExtentRow extent = new ExtentRow(
                offset, length, key, new Location(segment, position, DataRecord.valueLength(dataLength)), from);
        if (!extent.isPlausible()) {
            throw parser.damaged("bytes " + from + " to " + (from + (long) length) + " of a record of " + dataLength);
        }
        return extent;
    }
}
