package org.qsfs.fs.journal;

import org.qsfs.zdb.log.LogPosition;

/**
 * Where a complete checkpoint is.
 *
 * <pre>
 * u64 sequence of the last transaction in it; first chunk: segment (u32), offset (u32); trailer: segment (u32), offset (u32)
 * </pre>
 *
 * @param sequence of the last transaction that it contains
 * @param start position of the first chunk
 * @param trailer position of the trailer
 */
public record CheckpointPointer(long sequence, LogPosition start, LogPosition trailer) {
    void write(FieldWriter out) {
        out.u64(sequence).position(start).position(trailer);
    }

    static CheckpointPointer read(FieldReader in) throws JournalFormatException {
        return new CheckpointPointer(in.u64(), in.position(), in.position());
    }
}
