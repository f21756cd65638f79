package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.qsfs.zdb.format.DataFormat;

/** Sees the entries of a log in order. */
public interface EntryVisitor {
    /**
     * An entry that was walked over.
     *
     * @param flags 1 = tombstone
     * @param timestamp seconds, unsigned 32 bit
     * @param crcOk whether the value has the checksum of its header; true without a look when values are not read
     * @param value the bytes, valid during the call only; empty when values are not read
     */
    @SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
    record Entry(byte[] key, Location location, int flags, int timestamp, int crc, boolean crcOk, ByteBuffer value) {
        /** Whether the entry deletes its key. A tombstone has no value: one with a value is an entry whose flags were damaged. */
        public boolean tombstone() {
            return (flags & DataFormat.DELETED) != 0 && location.length() == 0;
        }

        /** Position behind the entry. */
        public LogPosition end() {
            return new LogPosition(
                    location.segment(),
                    location.position() + DataFormat.ENTRY_HEADER_BYTES + key.length + location.length());
        }
    }

    /** Returns whether to go on. */
    boolean entry(Entry entry) throws IOException;
}
