package org.qsfs.fs.journal;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.rows.RowSource;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.LogPosition;

/** Reads a checkpoint and checks that it is whole. */
final class CheckpointReader implements MetaSegments.Visitor {
    private final CheckpointPointer pointer;
    private final RowSource.Sink sink;
    private final MessageDigest digest = Sha256.hasher();
    private int chunks;
    private long rows;
    private @Nullable JournalPoint point;
    private @Nullable String defect;

    private CheckpointReader(CheckpointPointer pointer, RowSource.Sink sink) {
        this.pointer = pointer;
        this.sink = sink;
    }

    /**
     * Hands the rows of a checkpoint to the sink, which must not trust them before this returns.
     *
     * @return the place where the journal goes on
     * @throws JournalDamagedException the checkpoint is not what was written
     */
    static JournalPoint read(MetaSegments segments, CheckpointPointer pointer, RowSource.Sink sink) throws IOException {
        CheckpointReader reader = new CheckpointReader(pointer, sink);
        List<Integer> chain =
                segments.chain(pointer.trailer().segment(), pointer.start().segment());
        for (int segment : chain) {
            if (reader.point == null && reader.defect == null) {
                segments.read(segment, reader);
            }
        }
        JournalPoint found = reader.point;
        if (found == null) {
            String what = reader.defect == null ? "its trailer is missing" : reader.defect;
            throw new JournalDamagedException(
                    "the checkpoint of transaction " + pointer.sequence(),
                    List.of(new JournalDamage(pointer.trailer(), what)));
        }
        return found;
    }

    @Override
    public boolean entry(JournalEntry entry, LogPosition start, LogPosition end) throws IOException {
        if (start.compareTo(pointer.start()) < 0) {
            return true;
        }
        if (start.compareTo(pointer.trailer()) > 0) {
            return false;
        }
        if (entry instanceof CheckpointChunk chunk && chunk.sequence() == pointer.sequence()) {
            return chunk(chunk);
        }
        if (entry instanceof CheckpointTrailer trailer && start.equals(pointer.trailer())) {
            finish(trailer);
            return false;
        }
        return true;
    }

    private boolean chunk(CheckpointChunk chunk) throws IOException {
        if (chunk.number() != chunks) {
            defect = "chunk " + chunk.number() + " follows " + (chunks - 1);
            return false;
        }
        chunks++;
        rows += chunk.rows().size();
        digest.update(chunk.encode());
        sink.apply(chunk.rows());
        return true;
    }

    private void finish(CheckpointTrailer trailer) {
        if (trailer.chunks() != chunks
                || trailer.rows() != rows
                || !trailer.hash().equals(Sha256.of(digest.digest()))) {
            defect = "%d rows in %d chunks were read, %d rows in %d chunks were written, or their hash differs"
                    .formatted(rows, chunks, trailer.rows(), trailer.chunks());
        } else {
            point = trailer.point();
        }
    }

    @Override
    public boolean damaged(LogPosition start, String what) {
        if (start.compareTo(pointer.start()) >= 0 && start.compareTo(pointer.trailer()) <= 0) {
            defect = what;
            return false;
        }
        return true;
    }
}
