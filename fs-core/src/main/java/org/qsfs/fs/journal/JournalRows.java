package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.rows.Row;
import org.qsfs.fs.rows.RowSource;
import org.qsfs.zdb.log.LogPosition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All rows of a volume from its journal: the newest whole checkpoint, and the transactions behind it. Any thread. */
final class JournalRows {
    private static final Logger log = LoggerFactory.getLogger(JournalRows.class);
    private static final LogPosition NO_END = new LogPosition(Integer.MAX_VALUE, 0);

    private final MetaSegments segments;

    JournalRows(MetaSegments segments) {
        this.segments = segments;
    }

    /**
     * Reads everything.
     *
     * @param tail last segment of the chain
     * @param newest checkpoint to begin with, null = there is none
     * @param end nothing at or behind this position is read
     * @param through nor any transaction behind this one
     * @param sink gets rows, and with each transaction the place behind it
     */
    JournalPoint read(
            int tail, @Nullable CheckpointPointer newest, LogPosition end, long through, DamageList damage, Sink sink)
            throws IOException {
        JournalPoint known = JournalPoint.START;
        CheckpointPointer pointer = newest;
        while (pointer != null) {
            try {
                known = CheckpointReader.read(segments, pointer, rows -> sink.rows(rows, null));
                break;
            } catch (JournalDamagedException e) {
                log.warn("an older checkpoint is used: {}", e.getMessage());
                SegmentHeader header = segments.header(pointer.start().segment());
                pointer = header == null ? null : header.checkpoint();
            }
        }
        List<Integer> chain = segments.chain(tail, known.position().segment());
        ChainReplay replay = new ChainReplay(
                segments, known, true, damage, (transaction, after) -> sink.rows(transaction.rows(), after));
        JournalPoint reached = replay.run(chain, end, through);
        if (!replay.knownFound()) {
            damage.add(known.position(), "transaction " + known.sequence() + " of the checkpoint is not in the chain");
        }
        return reached;
    }

    /** Takes what is read. */
    interface Sink {
        /** {@code after}: the place behind the transaction that the rows are from, null when they are from a checkpoint. */
        void rows(List<Row> rows, @Nullable JournalPoint after) throws IOException;
    }

    /** A source for a row store whose journal is in use. */
    RowSource live(IntSupplier tail, Supplier<@Nullable CheckpointPointer> newest) {
        return (through, sink) -> {
            DamageList damage = new DamageList();
            JournalPoint reached =
                    read(tail.getAsInt(), newest.get(), NO_END, through, damage, (rows, after) -> sink.apply(rows));
            if (!damage.isEmpty()) {
                throw new JournalDamagedException("the journal", damage.places());
            }
            if (reached.sequence() != through) {
                throw new IOException("the journal ends with transaction " + reached.sequence() + ", but " + through
                        + " was applied");
            }
            return reached.encode();
        };
    }
}
