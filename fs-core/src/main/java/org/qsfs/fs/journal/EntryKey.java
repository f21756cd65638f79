package org.qsfs.fs.journal;

import java.nio.ByteBuffer;

/**
 * Key of an entry in the meta namespace.
 *
 * <pre>
 * offset size
 *   0     1   type
 *   1     8   number, big endian: of a transaction its sequence, of a segment header or trailer the segment, of a part of a checkpoint the sequence of the
 *             last transaction it contains
 * </pre>
 */
record EntryKey(byte type, long number) {
    static final int BYTES = 9;

    static final byte SEGMENT_HEADER = 'H';
    static final byte TRANSACTION = 'T';
    static final byte CHECKPOINT_CHUNK = 'C';
    static final byte CHECKPOINT_TRAILER = 'E';
    static final byte SEGMENT_TRAILER = 'F';

    byte[] encode() {
        return ByteBuffer.allocate(BYTES).put(type).putLong(number).array();
    }

    static EntryKey decode(byte[] key) throws JournalFormatException {
        if (key.length != BYTES) {
            throw new JournalFormatException("an entry with a key of " + key.length + " bytes; 9 expected");
        }
        ByteBuffer buffer = ByteBuffer.wrap(key);
        return new EntryKey(buffer.get(), buffer.getLong());
    }
}
