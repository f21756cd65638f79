package org.qsfs.fs.journal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.rows.IndexDamagedException;
import org.qsfs.fs.rows.Row;
import org.qsfs.fs.rows.RowStore;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a volume. In order: find the end of the journal; bring the index up to it; cut both namespaces there; begin new segments. Until the cut nothing but the index
 * changes, and the cut removes only what the next recovery would also find to be void, so a crash anywhere leaves the same state to recover.
 */
final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private final JournalConfig config;
    private final SegmentLogConfig metaConfig;
    private final MetaSegments segments;
    private final JournalRows journalRows;
    private final DamageList damage = new DamageList();
    private final boolean writable;
    private final long started = System.nanoTime();

    private final AtomicReference<@Nullable Journal> opened = new AtomicReference<>();
    private final AtomicReference<@Nullable JournalFraming> framing = new AtomicReference<>();
    private final AtomicInteger recoveredTail = new AtomicInteger(-1);
    private final AtomicReference<@Nullable CheckpointPointer> recoveredCheckpoint = new AtomicReference<>();

    private long replayed;
    private boolean indexRebuilt;

    Recovery(JournalConfig config) {
        this.config = config;
        this.metaConfig = config.meta().withKeyLength(EntryKey.BYTES);
        this.segments = new MetaSegments(metaConfig);
        this.journalRows = new JournalRows(segments);
        this.writable = config.mode() != JournalConfig.Mode.READ_ONLY;
    }

    RecoveredVolume run() throws IOException {
        SegmentLog data = SegmentLog.open(config.data());
        try {
            return recover(data);
        } catch (IOException | RuntimeException e) {
            data.close();
            throw e;
        }
    }

    private RecoveredVolume recover(SegmentLog data) throws IOException {
        int nextData;
        int nextMeta;
        TailInspection.@Nullable Tail tail;
        long cutBytes = 0;
        RowStore rows;
        JournalPoint end;
        try (SegmentLog meta = SegmentLog.open(metaConfig)) {
            // before anything is cut: numbers that were seen are not used again
            nextData = Math.max(config.firstData(), data.highestSegment() + 1);
            nextMeta = Math.max(config.firstMeta(), meta.highestSegment() + 1);
            tail = findTail(meta.highestSegment(), data);
            refuseDamage();
            rows = RowStore.open(
                    config.rows(), journalRows.live(this::newestSegment, this::newestCheckpoint), this::indexLost);
            try {
                end = bringUpToDate(rows, tail);
                if (writable) {
                    cutBytes = cut(meta, data, tail);
                }
            } catch (IOException | RuntimeException e) {
                rows.abandon();
                throw e;
            }
        }
        try {
            return start(data, rows, tail, end, nextData, nextMeta, cutBytes);
        } catch (IOException | RuntimeException e) {
            rows.abandon();
            throw e;
        }
    }

    // ---------------------------------------------------------------------------------------------- the end of the
    // journal

    private TailInspection.@Nullable Tail findTail(int highest, SegmentLog data) throws IOException {
        SegmentHeader header = config.head() == null ? highestHeader(highest) : headHeader(config.head());
        if (header == null) {
            if (data.highestSegment() > 0 && config.mode() != JournalConfig.Mode.REPAIR) {
                throw new IOException(
                        "the meta namespace %s has no readable segment, but the data namespace has segments up to %d; restore the volume, or repair it to begin an empty one"
                                .formatted(config.meta().namespace(), data.highestSegment()));
            }
            return null;
        }
        if (header.epoch() > config.epoch()) {
            throw new IOException("meta segment %d is of epoch %d; this writer has epoch %d, which is over"
                    .formatted(header.segment(), header.epoch(), config.epoch()));
        }
        TailInspection.Tail tail = new TailInspection(segments, data, header, damage).inspect();
        recoveredTail.set(tail.segment());
        recoveredCheckpoint.set(tail.checkpoint());
        return tail;
    }

    private @Nullable SegmentHeader highestHeader(int highest) throws IOException {
        for (int segment = highest; segment >= 0; segment--) {
            if (segments.length(segment) < 0) {
                continue;
            }
            SegmentHeader header = segments.header(segment);
            if (header != null) {
                return checkVolume(header);
            }
            // it was just begun when the system crashed, unless something in it says that more than that was durable
            segments.read(segment, new HeaderlessSegment(segment));
        }
        return null;
    }

    private final class HeaderlessSegment implements MetaSegments.Visitor {
        private final LogPosition start;

        private HeaderlessSegment(int segment) {
            this.start = new LogPosition(segment, 0);
        }

        @Override
        public boolean entry(JournalEntry entry, LogPosition position, LogPosition end) {
            if (entry instanceof TransactionRecord transaction
                    && transaction.synced().meta().compareTo(start) > 0) {
                damage.add(start, "the header of segment " + start.segment() + " cannot be read");
                return false;
            }
            return true;
        }

        @Override
        public boolean damaged(LogPosition position, String what) {
            return true;
        }
    }

    private SegmentHeader headHeader(SegmentLink head) throws IOException {
        SegmentHeader header = segments.header(head.segment());
        if (header == null) {
            throw new IOException("the head, meta segment " + head.segment() + ", has no readable header");
        }
        if (header.epoch() != head.epoch()
                || !segments.hash(head.segment(), segments.length(head.segment()))
                        .equals(head.hash())) {
            throw new IOException(
                    "meta segment %d of epoch %d is not the head, which has epoch %d and hash %s; the local state is another history of the volume"
                            .formatted(head.segment(), header.epoch(), head.epoch(), head.hash()));
        }
        return checkVolume(header);
    }

    private SegmentHeader checkVolume(SegmentHeader header) throws IOException {
        if (!header.volume().equals(config.volume())) {
            throw new IOException("meta segment %d belongs to volume %s; %s expected"
                    .formatted(header.segment(), header.volume(), config.volume()));
        }
        return header;
    }

    private void refuseDamage() throws JournalDamagedException {
        if (config.mode() == JournalConfig.Mode.READ_WRITE && !damage.isEmpty()) {
            throw new JournalDamagedException(
                    "the journal of volume %s is damaged where it was durable; `qsfs mount MOUNTPOINT --repair` leaves out what is damaged"
                            .formatted(config.volume()),
                    damage.places());
        }
    }

    // ---------------------------------------------------------------------------------------------- the index

    private JournalPoint bringUpToDate(RowStore rows, TailInspection.@Nullable Tail tail) throws IOException {
        if (tail == null) {
            if (rows.mark() != null) {
                rows.reset("the journal is empty");
            }
            return started(rows, JournalPoint.START);
        }
        try {
            JournalPoint fromMark = fromMark(rows, tail);
            if (fromMark != null) {
                return started(rows, fromMark);
            }
        } catch (IndexDamagedException e) {
            rows.reset(String.valueOf(e.getMessage()));
        }
        return started(rows, fromJournal(rows, tail));
    }

    private JournalPoint started(RowStore rows, JournalPoint end) throws IOException {
        if (config.mode() == JournalConfig.Mode.READ_WRITE && !damage.isEmpty()) {
            // it holds transactions behind the damage
            rows.reset("the journal is damaged");
            refuseDamage();
        }
        rows.start(end.sequence(), end.encode());
        return end;
    }

    /** Replays what the index lacks; null when it does not belong to this journal. */
    private @Nullable JournalPoint fromMark(RowStore rows, TailInspection.Tail tail) throws IOException {
        byte[] bytes = rows.mark();
        if (bytes == null) {
            return null;
        }
        JournalPoint mark;
        JournalPoint ceiling;
        try {
            mark = JournalPoint.decode(bytes);
            byte[] highest = rows.ceiling();
            ceiling = highest == null ? mark : JournalPoint.decode(highest);
        } catch (JournalFormatException e) {
            rows.reset(String.valueOf(e.getMessage()));
            return null;
        }
        if (ceiling.position().compareTo(tail.end()) > 0) {
            log.warn(
                    "the index has transaction {} at {}, but the journal ends at {}",
                    ceiling.sequence(),
                    ceiling.position(),
                    tail.end());
            rows.reset("it is ahead of the journal");
            return null;
        }
        List<Integer> chain = segments.chain(tail.segment(), mark.position().segment());
        if (!isContinuedBy(mark, ceiling, chain, tail.end())) {
            rows.reset("it has something of transaction %d, which is not in the journal".formatted(ceiling.sequence()));
            return null;
        }
        ChainReplay replay = new ChainReplay(
                segments, mark, false, damage, (transaction, after) -> load(rows, transaction.rows(), after));
        JournalPoint reached = replay.run(chain, tail.end(), Long.MAX_VALUE);
        if (!replay.knownFound()) {
            rows.reset("its transaction " + mark.sequence() + " is not in the journal");
            return null;
        }
        return reached;
    }

    /** Whether the chain goes from one place to another. Before anything is changed: an index that is not of this chain must not look as if it were. */
    private boolean isContinuedBy(JournalPoint from, JournalPoint to, List<Integer> chain, LogPosition end)
            throws IOException {
        if (to.equals(from)) {
            return true;
        }
        AtomicBoolean found = new AtomicBoolean();
        ChainReplay replay = new ChainReplay(segments, from, false, new DamageList(), (transaction, after) -> {
            if (after.equals(to)) {
                found.set(true);
            }
        });
        replay.run(chain, end, to.sequence());
        return found.get();
    }

    private JournalPoint fromJournal(RowStore rows, TailInspection.Tail tail) throws IOException {
        indexRebuilt = true;
        replayed = 0;
        return journalRows.read(
                tail.segment(),
                tail.checkpoint(),
                tail.end(),
                Long.MAX_VALUE,
                damage,
                (changes, after) -> load(rows, changes, after));
    }

    private void load(RowStore rows, List<Row> changes, @Nullable JournalPoint after) throws IOException {
        if (after == null) {
            rows.load(changes, null);
        } else {
            replayed++;
            rows.load(changes, after.encode());
        }
    }

    private void indexLost(Throwable cause) {
        Journal journal = opened.get();
        // while the volume is being opened, opening fails
        if (journal != null) {
            journal.fail("the index is lost", cause);
        }
    }

    private int newestSegment() {
        JournalFraming used = framing.get();
        return used == null ? recoveredTail.get() : used.newest();
    }

    private @Nullable CheckpointPointer newestCheckpoint() {
        JournalFraming used = framing.get();
        return used == null ? recoveredCheckpoint.get() : used.checkpoint();
    }

    // ---------------------------------------------------------------------------------------------- going on

    private long cut(SegmentLog meta, SegmentLog data, TailInspection.@Nullable Tail tail) throws IOException {
        LogPosition metaEnd = tail == null ? LogPosition.START : tail.end();
        LogPosition dataEnd = tail == null ? LogPosition.START : tail.dataEnd();
        long bytes = 0;
        for (int segment = metaEnd.segment(); segment <= meta.highestSegment(); segment++) {
            long kept = segment == metaEnd.segment() ? metaEnd.offset() : 0;
            bytes += Math.max(0, segments.length(segment) - kept);
        }
        createDirectories(config.data());
        data.cut(dataEnd);
        createDirectories(config.meta());
        meta.cut(metaEnd);
        return bytes;
    }

    /** A new volume has none, and neither has a machine that restores one. */
    private static void createDirectories(SegmentLogConfig namespace) throws IOException {
        namespace.files().createDirectories(namespace.dataRoot().resolve(namespace.namespace()));
        namespace.files().createDirectories(namespace.indexRoot().resolve(namespace.namespace()));
    }

    private RecoveredVolume start(
            SegmentLog data,
            RowStore rows,
            TailInspection.@Nullable Tail tail,
            JournalPoint end,
            int nextData,
            int nextMeta,
            long cutBytes)
            throws IOException {
        SegmentLink predecessor = null;
        LogPosition metaEnd = LogPosition.START;
        if (tail != null) {
            metaEnd = tail.end();
            if (writable) {
                predecessor =
                        new SegmentLink(tail.segment(), tail.epoch(), segments.hash(tail.segment(), metaEnd.offset()));
            }
        }
        if (writable) {
            data.startSegment(nextData);
        }
        Durable durable = new Durable(new SyncedThrough(data.synced(), metaEnd), end.sequence());
        JournalFraming frames = new JournalFraming(
                config.volume(),
                config.epoch(),
                data,
                segments,
                durable,
                end,
                predecessor,
                recoveredTail.get(),
                recoveredCheckpoint.get());
        framing.set(frames);
        SegmentLog meta = openMeta(frames, nextMeta);
        Journal journal = new Journal(config, data, meta, frames, segments, rows, end, durable);
        opened.set(journal);
        if (config.mode() == JournalConfig.Mode.REPAIR && !damage.isEmpty()) {
            leaveDamageBehind(journal);
        }
        boolean clean = cutBytes == 0 && replayed == 0 && damage.isEmpty();
        RecoveryReport report = new RecoveryReport(
                clean,
                end.sequence(),
                replayed,
                indexRebuilt,
                cutBytes,
                damage.places(),
                Duration.ofNanos(System.nanoTime() - started));
        log.info("journal of volume {}: {}", config.volume(), report);
        return new RecoveredVolume(journal, rows, journal.counters(), report);
    }

    private SegmentLog openMeta(JournalFraming frames, int first) throws IOException {
        SegmentLog meta = SegmentLog.open(metaConfig.withFraming(frames));
        try {
            if (writable) {
                meta.startSegment(first);
            }
            return meta;
        } catch (IOException | RuntimeException e) {
            meta.close();
            throw e;
        }
    }

    /** Makes a checkpoint, and a segment whose header knows it, so that nobody has to read the damaged part again. */
    private static void leaveDamageBehind(Journal journal) throws IOException {
        journal.checkpoint();
        journal.roll();
        journal.commit(new Transaction());
        journal.sync();
    }
}
