package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.VolumeId;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.SegmentFraming;
import org.qsfs.zdb.log.SegmentLog;

/**
 * Begins and ends the meta segments: keeps account of what a segment holds, links it to the one before, and closes the data segment that it refers to before it
 * closes itself.
 *
 * <p>Everything but {@link #newest} and {@link #checkpoint()} is called under the journal's commit lock.
 */
final class JournalFraming implements SegmentFraming {
    /** Data segments that one meta segment may need; then it is closed. */
    static final int MOST_DATA_SEGMENTS = 16_000;

    private static final int ENTRY_BYTES = DataFormat.ENTRY_HEADER_BYTES + EntryKey.BYTES;

    private final VolumeId volume;
    private final long epoch;
    private final SegmentLog data;
    private final SegmentDigest digest;
    private final Durable durable;

    /** A segment with its trailer, whose file may still grow by that. */
    private record Closing(SegmentTrailer trailer, @Nullable SegmentLink predecessor, long length) {}

    private JournalPoint point;
    private @Nullable SegmentLink predecessor;
    private final SortedSet<Integer> needs = new TreeSet<>();
    private List<DataRecord> pending = List.of();
    private int transactions;
    private @Nullable Closing closing;
    private volatile @Nullable CheckpointPointer checkpoint;
    private volatile int newest;
    private volatile boolean refused;

    JournalFraming(
            VolumeId volume,
            long epoch,
            SegmentLog data,
            MetaSegments segments,
            Durable durable,
            JournalPoint point,
            @Nullable SegmentLink predecessor,
            int newest,
            @Nullable CheckpointPointer checkpoint) {
        this.volume = volume;
        this.epoch = epoch;
        this.data = data;
        this.digest = new SegmentDigest(segments);
        this.durable = durable;
        this.point = point;
        this.predecessor = predecessor;
        this.checkpoint = checkpoint;
        this.newest = newest;
    }

    // ---------------------------------------------------------------------------------------------- what is appended

    /** The next append is a transaction that introduces these records; it may begin a new segment. */
    void expect(List<DataRecord> introduced) {
        pending = introduced;
    }

    /** The expected transaction was appended. */
    void appended(JournalPoint after) {
        for (DataRecord record : pending) {
            needs.add(record.location().segment());
        }
        pending = List.of();
        transactions++;
        point = after;
    }

    /** Whether the segment should be closed although it is not full. */
    boolean overfull() {
        return needs.size() >= MOST_DATA_SEGMENTS;
    }

    /** No segment is closed any more. */
    void refuse() {
        refused = true;
    }

    /** A checkpoint is complete and durable. */
    void completed(CheckpointPointer pointer) {
        checkpoint = pointer;
    }

    /** The newest complete checkpoint, null before the first. */
    @Nullable
    CheckpointPointer checkpoint() {
        return checkpoint;
    }

    /** Highest segment that has a header, -1 when there is none. */
    int newest() {
        return newest;
    }

    /** Reads what is durable of the active segment into its hash, so that closing it is quick. */
    void digest(LogPosition durable) throws IOException {
        if (durable.segment() == newest) {
            digest.advance(durable);
        }
    }

    /** The segment that was closed in this moment. Its file is complete. */
    MetaRoll closed() throws IOException {
        Closing last = closing;
        if (last == null) {
            throw new IllegalStateException("no segment was closed");
        }
        closing = null;
        SegmentTrailer trailer = last.trailer();
        MetaRoll roll = new MetaRoll(
                trailer.segment(),
                epoch,
                last.predecessor(),
                digest.finish(new LogPosition(trailer.segment(), last.length())),
                trailer.dataSegments(),
                trailer.transactions(),
                trailer.sequence(),
                checkpoint);
        predecessor = roll.link();
        return roll;
    }

    // ---------------------------------------------------------------------------------------------- called by the log

    @Override
    public int trailerBytes() {
        int most = needs.size() + pending.size();
        return ENTRY_BYTES + SegmentTrailer.FIXED_BYTES + SegmentTrailer.BYTES_PER_SEGMENT * most;
    }

    @Override
    public Frame header(LogPosition at) throws IOException {
        if (closing != null) {
            throw new IllegalStateException("segment " + at.segment() + " begins before the one before is hashed");
        }
        SegmentHeader header = new SegmentHeader(
                volume,
                epoch,
                at.segment(),
                predecessor,
                point.sequence(),
                point.checksum(),
                point.counters(),
                data.synced(),
                checkpoint);
        needs.clear();
        transactions = 0;
        newest = at.segment();
        return new Frame(header.key().encode(), header.encode());
    }

    @Override
    public Frame trailer(LogPosition at) throws IOException {
        if (refused) {
            throw new IOException("the journal failed; segment " + at.segment() + " is not closed");
        }
        data.roll();
        SegmentTrailer trailer = new SegmentTrailer(
                epoch,
                at.segment(),
                transactions,
                point.sequence(),
                point.checksum(),
                new SyncedThrough(data.synced(), durable.through().meta()),
                List.copyOf(needs));
        Frame frame = new Frame(trailer.key().encode(), trailer.encode());
        closing = new Closing(
                trailer, predecessor, at.offset() + ENTRY_BYTES + frame.value().remaining());
        return frame;
    }
}
