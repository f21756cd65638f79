package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.List;
import org.qsfs.zdb.log.LogPosition;

/**
 * Reads the transactions of a chain of segments in order and checks that each continues the one before. Where one does not, that is damage; what follows
 * is read on, so that all damage is found and a repair can use what is left.
 */
final class ChainReplay {
    /** Takes transactions in order. */
    interface Sink {
        /** {@code after}: the place behind the transaction. */
        void transaction(TransactionRecord transaction, JournalPoint after) throws IOException;
    }

    private final MetaSegments segments;
    private final DamageList damage;
    private final Sink sink;
    /** Behind the last transaction read. */
    private JournalPoint point;
    /** Transactions up to this one are known to the sink; its checksum must be the one that is found. */
    private final JournalPoint known;

    private final boolean certain;
    private boolean knownFound;

    /**
     * @param known the sink gets what follows this place only
     * @param certain whether the known place is of this chain for sure; if not, the sink gets nothing before it is found
     */
    ChainReplay(MetaSegments segments, JournalPoint known, boolean certain, DamageList damage, Sink sink) {
        this.segments = segments;
        this.known = known;
        this.certain = certain;
        this.damage = damage;
        this.sink = sink;
        this.point = known;
        this.knownFound = known.sequence() == 0;
    }

    /**
     * Replays segments, of which the first holds the known place, up to a position or up to a transaction, whichever comes first.
     *
     * @return the place behind the last transaction
     */
    JournalPoint run(List<Integer> chain, LogPosition end, long through) throws IOException {
        boolean first = true;
        for (int segment : chain) {
            if (segment > end.segment() || (point.sequence() >= through && knownFound)) {
                break;
            }
            readSegment(segment, first, end, through);
            first = false;
        }
        return point.sequence() >= known.sequence() ? point : known;
    }

    /** Whether the known place was found in the chain as it is known. */
    boolean knownFound() {
        return knownFound;
    }

    private void readSegment(int segment, boolean first, LogPosition end, long through) throws IOException {
        segments.read(segment, new MetaSegments.Visitor() {
            private boolean begun;

            @Override
            public boolean entry(JournalEntry entry, LogPosition start, LogPosition behind) throws IOException {
                if (start.compareTo(end) >= 0) {
                    return false;
                }
                switch (entry) {
                    case SegmentHeader header -> {
                        begun = true;
                        begin(header, first, start);
                    }
                    case TransactionRecord transaction -> {
                        if (transaction.sequence() > through) {
                            return false;
                        }
                        if (!begun && first) {
                            adopt(transaction, start);
                        }
                        begun = true;
                        advance(transaction, start, behind);
                    }
                    case SegmentTrailer trailer -> {
                        if (trailer.sequence() != point.sequence() || trailer.checksum() != point.checksum()) {
                            report(
                                    start,
                                    "segment %d ends with transaction %d, its trailer says %d"
                                            .formatted(segment, point.sequence(), trailer.sequence()));
                        }
                    }
                    case CheckpointChunk chunk -> {}
                    case CheckpointTrailer trailer -> {}
                }
                return true;
            }

            @Override
            public boolean damaged(LogPosition start, String what) {
                // behind what is asked for, an entry may be half written at this moment
                if (start.compareTo(end) >= 0 || (point.sequence() >= through && knownFound)) {
                    return false;
                }
                report(start, what);
                return true;
            }
        });
    }

    /** Without a readable header the first transaction of the first segment cannot be checked against anything. */
    private void adopt(TransactionRecord transaction, LogPosition start) {
        point = new JournalPoint(transaction.sequence() - 1, transaction.previous(), start, transaction.counters());
        checkKnown();
    }

    private void begin(SegmentHeader header, boolean first, LogPosition start) {
        if (!first && (header.sequence() != point.sequence() || header.checksum() != point.checksum())) {
            report(
                    start,
                    "segment %d follows transaction %d, but %d was the last one"
                            .formatted(header.segment(), header.sequence(), point.sequence()));
        }
        point = header.start();
        checkKnown();
    }

    private void advance(TransactionRecord transaction, LogPosition start, LogPosition behind) throws IOException {
        knownFound |= known.precedes(transaction);
        if (!point.precedes(transaction)) {
            report(
                    start,
                    "transaction %d does not continue transaction %d"
                            .formatted(transaction.sequence(), point.sequence()));
            if (transaction.sequence() <= point.sequence()) {
                return;
            }
        }
        point = new JournalPoint(transaction.sequence(), transaction.checksum(), behind, transaction.counters());
        checkKnown();
        if ((certain || knownFound) && transaction.sequence() > known.sequence()) {
            sink.transaction(transaction, point);
        }
    }

    /** What lies before the known place is not needed, so it may be damaged. */
    private void report(LogPosition position, String what) {
        if (position.compareTo(known.position()) >= 0) {
            damage.add(position, what);
        }
    }

    private void checkKnown() {
        if (point.sequence() == known.sequence() && point.checksum() == known.checksum()) {
            knownFound = true;
        }
    }
}
