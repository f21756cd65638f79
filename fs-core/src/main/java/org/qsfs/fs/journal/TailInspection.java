package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.ScanEnd;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out where the journal ends: how far the last segment can be believed, and what of the data namespace belongs to it.
 *
 * <p>Only the last segment can be torn, because a segment closes durably before the next begins. In it, everything before the highest
 * {@link SyncedThrough} that any intact entry states was durable: what is broken there is damage. Behind it, the journal ends at the first
 * transaction that is incomplete, does not continue the one before, or introduces a data record that is not on disk as it was written.
 */
final class TailInspection {
    /**
     * What was found.
     *
     * @param segment last segment of the chain
     * @param epoch of its writer
     * @param end of the journal; the segment is cut here
     * @param dataEnd end of what belongs to the volume in the data namespace; it is cut here
     * @param closed whether the segment was closed
     * @param checkpoint newest complete checkpoint that its header knows
     */
    record Tail(
            int segment,
            long epoch,
            LogPosition end,
            LogPosition dataEnd,
            boolean closed,
            @Nullable CheckpointPointer checkpoint) {}

    private static final Logger log = LoggerFactory.getLogger(TailInspection.class);

    private final MetaSegments segments;
    private final SegmentLog data;
    private final SegmentHeader header;
    private final DamageList damage;

    TailInspection(MetaSegments segments, SegmentLog data, SegmentHeader header, DamageList damage) {
        this.segments = segments;
        this.data = data;
        this.header = header;
        this.damage = damage;
    }

    Tail inspect() throws IOException {
        Evidence evidence = new Evidence();
        segments.read(header.segment(), evidence);
        Records records = intactRecords(evidence.synced.data(), evidence.introduced);
        Walk walk = new Walk(evidence.synced, records);
        segments.read(header.segment(), walk);
        return new Tail(header.segment(), header.epoch(), walk.end, walk.dataEnd, walk.closed, header.checkpoint());
    }

    /** The highest positions that were known to be durable, wherever in the segment that is stated, and the last data record of any transaction. */
    private final class Evidence implements MetaSegments.Visitor {
        private SyncedThrough synced = new SyncedThrough(header.syncedData(), new LogPosition(header.segment(), 0));

        private LogPosition introduced = LogPosition.START;

        @Override
        public boolean entry(JournalEntry entry, LogPosition start, LogPosition end) {
            if (entry instanceof TransactionRecord transaction) {
                synced = synced.max(transaction.synced());
                for (DataRecord record : transaction.introduced()) {
                    introduced = record.start().compareTo(introduced) > 0 ? record.start() : introduced;
                }
            } else if (entry instanceof SegmentTrailer trailer) {
                synced = synced.max(trailer.synced());
            }
            return true;
        }

        @Override
        public boolean damaged(LogPosition start, String what) {
            return true;
        }
    }

    /** Data records behind a position that are on disk as they were written, up to the first that is not. */
    private static final class Records {
        private record Intact(DataRecord record, LogPosition end) {}

        private final LogPosition from;
        private final Map<LogPosition, Intact> intact = new HashMap<>();

        private Records(LogPosition from) {
            this.from = from;
        }

        private void add(EntryVisitor.Entry entry) {
            DataRecord record = new DataRecord(entry.location(), entry.crc());
            intact.put(record.start(), new Intact(record, entry.end()));
        }

        /** Position behind a record, null when it is not there. Records before {@code from} are known to be there. */
        private @Nullable LogPosition endOf(DataRecord record) {
            if (record.start().compareTo(from) < 0) {
                return from;
            }
            Intact found = intact.get(record.start());
            return found != null && found.record().equals(record) ? found.end() : null;
        }
    }

    /**
     * Reads no further than the last record that some transaction introduces: behind it may lie any number of stored segments, and of a segment that was closed
     * every record was durable.
     */
    private Records intactRecords(LogPosition from, LogPosition last) throws IOException {
        Records records = new Records(from);
        if (last.compareTo(from) < 0) {
            return records;
        }
        ScanEnd end = data.scan(from, entry -> {
            if (!entry.crcOk()) {
                return false;
            }
            records.add(entry);
            LogPosition start =
                    new LogPosition(entry.location().segment(), entry.location().position());
            return start.compareTo(last) < 0;
        });
        if (!end.complete() && end.position().compareTo(last) <= 0) {
            log.info("data namespace is intact up to {} {}", end.position(), end.detail());
        }
        return records;
    }

    /** Follows the transactions up to the end of the journal. */
    private final class Walk implements MetaSegments.Visitor {
        private final SyncedThrough synced;
        private final Records records;
        private JournalPoint point = header.start();
        private LogPosition end = new LogPosition(header.segment(), 0);
        private LogPosition dataEnd;
        private boolean closed;

        private Walk(SyncedThrough synced, Records records) {
            this.synced = synced;
            this.records = records;
            this.dataEnd = synced.data();
        }

        @Override
        public boolean entry(JournalEntry entry, LogPosition start, LogPosition behind) {
            if (entry instanceof TransactionRecord transaction && !accept(transaction, start, behind)) {
                return false;
            }
            end = behind;
            closed = entry instanceof SegmentTrailer;
            return true;
        }

        private boolean accept(TransactionRecord transaction, LogPosition start, LogPosition behind) {
            boolean durable = isDurable(start);
            // where it was durable, the replay reports a break in the chain
            if (!durable && !point.precedes(transaction)) {
                return false;
            }
            for (DataRecord record : transaction.introduced()) {
                LogPosition recordEnd = records.endOf(record);
                if (recordEnd == null) {
                    if (!durable) {
                        return false;
                    }
                } else if (recordEnd.compareTo(dataEnd) > 0) {
                    dataEnd = recordEnd;
                }
            }
            point = new JournalPoint(transaction.sequence(), transaction.checksum(), behind, transaction.counters());
            return true;
        }

        @Override
        public boolean damaged(LogPosition start, String what) {
            if (isDurable(start)) {
                damage.add(start, what);
                return true;
            }
            return false;
        }

        private boolean isDurable(LogPosition start) {
            return start.compareTo(synced.meta()) < 0;
        }
    }
}
