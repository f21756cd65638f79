package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.LogPosition;

/**
 * End of a checkpoint; without it the checkpoint does not count.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2     8   sequence of the last transaction in the checkpoint
 *  10     4   its checksum
 *  14     8   position behind it: meta segment (u32), offset (u32); the journal goes on from here
 *  22    33   {@link VolumeCounters} there
 *  55     8   position of the first chunk
 *  63     4   chunks
 *  67     8   rows
 *  75    32   SHA-256 of the values of all chunks in order
 * 107     4   CRC-32C of all before
 * </pre>
 */
record CheckpointTrailer(JournalPoint point, LogPosition start, int chunks, long rows, Sha256 hash)
        implements JournalEntry {
    private static final int VERSION = 1;

    @Override
    public EntryKey key() {
        return new EntryKey(EntryKey.CHECKPOINT_TRAILER, point.sequence());
    }

    @Override
    public ByteBuffer encode() {
        FieldWriter out = new FieldWriter(128);
        out.u8(VERSION).u8(0).u64(point.sequence()).u32(point.checksum()).position(point.position());
        point.counters().write(out);
        out.position(start).u32(chunks).u64(rows).bytes(hash.bytes());
        return out.seal().buffer();
    }

    static CheckpointTrailer decode(ByteBuffer value) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("checkpoint trailer", VERSION, value);
        JournalPoint point = new JournalPoint(in.u64(), in.u32(), in.position(), VolumeCounters.read(in));
        CheckpointTrailer trailer =
                new CheckpointTrailer(point, in.position(), in.u32(), in.u64(), Sha256.of(in.bytes(Sha256.BYTES)));
        in.end();
        return trailer;
    }
}
