package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.log.LogPosition;

/** Reads a closed meta segment for what has to be known to publish it; also one that a crash closed and that has no trailer. */
final class ClosedSegment implements MetaSegments.Visitor {
    private final SortedSet<Integer> needs = new TreeSet<>();
    private @Nullable SegmentHeader header;
    private @Nullable CheckpointPointer checkpoint;
    private int transactions;
    private long lastSequence;

    /** Whether damage is passed over. */
    private final boolean tolerant;

    private ClosedSegment(boolean tolerant) {
        this.tolerant = tolerant;
    }

    /** @param tolerant whether damage is passed over, because a later checkpoint makes up for it */
    static MetaRoll read(MetaSegments segments, int segment, boolean tolerant) throws IOException {
        ClosedSegment content = new ClosedSegment(tolerant);
        segments.read(segment, content);
        SegmentHeader header = content.header;
        if (header == null) {
            throw new IOException("meta segment " + segment + " has no header");
        }
        return new MetaRoll(
                segment,
                header.epoch(),
                header.predecessor(),
                segments.hash(segment, segments.length(segment)),
                List.copyOf(content.needs),
                content.transactions,
                content.lastSequence,
                content.checkpoint);
    }

    @Override
    public boolean entry(JournalEntry entry, LogPosition start, LogPosition end) {
        switch (entry) {
            case SegmentHeader first -> {
                header = first;
                lastSequence = first.sequence();
                checkpoint = first.checkpoint();
            }
            case TransactionRecord transaction -> {
                transactions++;
                lastSequence = transaction.sequence();
                for (DataRecord record : transaction.introduced()) {
                    needs.add(record.location().segment());
                }
            }
            case CheckpointTrailer trailer ->
                checkpoint = new CheckpointPointer(trailer.point().sequence(), trailer.start(), start);
            case CheckpointChunk chunk -> {}
            case SegmentTrailer trailer -> {}
        }
        return true;
    }

    @Override
    public boolean damaged(LogPosition start, String what) throws IOException {
        if (tolerant) {
            return true;
        }
        throw new JournalDamagedException(
                "meta segment " + start.segment()
                        + " is not published yet and damaged; `qsfs mount MOUNTPOINT --repair` leaves out what is damaged",
                List.of(new JournalDamage(start, what)));
    }
}
