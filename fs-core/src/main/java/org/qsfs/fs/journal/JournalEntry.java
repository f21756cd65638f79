package org.qsfs.fs.journal;

import java.nio.ByteBuffer;

/** An entry of the meta namespace. Every kind begins with format version (u8) and flags (u8, 0), and ends with CRC-32C of all before (u32). */
sealed interface JournalEntry
        permits SegmentHeader, TransactionRecord, CheckpointChunk, CheckpointTrailer, SegmentTrailer {
    /** Key of the entry. */
    EntryKey key();

    /** Value of the entry. */
    ByteBuffer encode();

    static JournalEntry decode(byte[] keyBytes, ByteBuffer value) throws JournalFormatException {
        EntryKey key = EntryKey.decode(keyBytes);
        JournalEntry entry = switch (key.type()) {
            case EntryKey.SEGMENT_HEADER -> SegmentHeader.decode(value);
            case EntryKey.TRANSACTION -> TransactionRecord.decode(value);
            case EntryKey.CHECKPOINT_CHUNK -> CheckpointChunk.decode(value);
            case EntryKey.CHECKPOINT_TRAILER -> CheckpointTrailer.decode(value);
            case EntryKey.SEGMENT_TRAILER -> SegmentTrailer.decode(value);
            default -> throw new JournalFormatException("an entry of type " + key.type());
        };
        if (!entry.key().equals(key)) {
            throw new JournalFormatException("an entry with key %s under the key %s".formatted(entry.key(), key));
        }
        return entry;
    }
}
