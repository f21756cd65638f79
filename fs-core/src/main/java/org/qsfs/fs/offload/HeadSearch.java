package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.journal.CheckpointPointer;
import org.qsfs.fs.journal.JournalChain;
import org.qsfs.fs.journal.MetaRoll;
import org.qsfs.fs.journal.SegmentLink;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.zdb.log.SegmentLogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the head of a volume whose catalog was rebuilt: the end of the longest chain of stored journal segments whose needs are complete.
 *
 * <p>Where there is a copy of the head that belongs to what is stored, it is the beginning: it was published once, and what it does not need any more may be gone. From there the chain goes on over
 * segments that were stored and not published. Without one, every stored journal segment is looked at; a chain may begin at its last checkpoint, and of several ends the one of highest epoch and
 * number counts. Where two segments follow the same one, the higher epoch is right: it forked from there.
 */
public final class HeadSearch {
    private static final Logger log = LoggerFactory.getLogger(HeadSearch.class);
    private static final String NAMESPACE = "search";

    private final SegmentStore store;
    private final SegmentLogConfig scratch;
    private final Clock clock;
    private final Map<SegmentLink, MetaRoll> rolls = new HashMap<>();
    /** Numbers of readable data segments, each with its lowest epoch. */
    private final Map<Integer, Long> data = new HashMap<>();

    private HeadSearch(SegmentStore store, Path directory, Clock clock) throws IOException {
        this.store = store;
        this.scratch = SegmentLogConfig.of(directory.resolve("data"), directory.resolve("index"), NAMESPACE);
        this.clock = clock;
        for (SegmentRecord record : store.records()) {
            if (record.state().readable() && record.id().namespace() == SegmentNamespace.DATA) {
                data.merge(record.id().number(), record.id().epoch(), Math::min);
            }
        }
    }

    /**
     * Searches; changes nothing in the store.
     *
     * @param directory an empty one, for one journal segment at a time
     * @return the head; empty when no chain is complete
     */
    public static Optional<Head> search(SegmentStore store, Path directory) throws IOException {
        return new HeadSearch(store, directory, Clock.systemUTC()).run();
    }

    private Optional<Head> run() throws IOException {
        Optional<Head> known = KnownHeads.ask(store).newest().filter(this::isStored);
        load(known.map(head -> head.lastMeta().number()).orElse(-1));
        if (known.isEmpty()) {
            return rolls.values().stream()
                    .filter(this::isComplete)
                    .max(Comparator.comparingLong(MetaRoll::epoch).thenComparingInt(MetaRoll::segment))
                    .map(end -> head(end, Optional.empty()));
        }
        Head head = known.get();
        SegmentLink end =
                new SegmentLink(head.lastMeta().number(), head.lastMeta().epoch(), head.lastMetaHash());
        for (Optional<MetaRoll> next = follower(end); next.isPresent(); next = follower(end)) {
            end = next.get().link();
            head = head(next.get(), head.checkpoint());
        }
        return Optional.of(head);
    }

    private boolean isStored(Head head) {
        try {
            return store.record(head.lastMeta())
                    .filter(record -> record.state().readable())
                    .isPresent();
        } catch (IOException e) {
            log.warn("head {} is not used: {}", head, e.toString());
            return false;
        }
    }

    /** Reads all stored journal segments behind a number, one at a time. */
    private void load(int after) throws IOException {
        Path directory = Files.createDirectories(scratch.dataRoot().resolve(NAMESPACE));
        for (SegmentRecord record : store.records()) {
            SegmentId id = record.id();
            if (id.namespace() != SegmentNamespace.META
                    || id.number() <= after
                    || !record.state().readable()) {
                continue;
            }
            Path file = directory.resolve("d" + id.number());
            try {
                store.fetch(id, file);
                MetaRoll roll = JournalChain.roll(scratch, id.number());
                if (roll.epoch() == id.epoch()) {
                    rolls.put(roll.link(), roll);
                }
            } catch (IOException e) {
                log.warn("journal segment {} is not used: {}", id, e.toString());
            } finally {
                Files.deleteIfExists(file);
            }
        }
    }

    /** The segment that goes on from another one, with all that it needs. */
    private Optional<MetaRoll> follower(SegmentLink link) {
        return rolls.values().stream()
                .filter(roll -> link.equals(roll.predecessor()) && hasNeeds(roll))
                .max(Comparator.comparingLong(MetaRoll::epoch));
    }

    /** Whether everything is there from the segment back to its checkpoint, or to the first of all. */
    private boolean isComplete(MetaRoll end) {
        // replay begins at the newest checkpoint that the header of the last segment knows
        @Nullable MetaRoll last = end.predecessor() == null ? null : rolls.get(end.predecessor());
        @Nullable CheckpointPointer checkpoint = last == null ? null : last.checkpoint();
        int first = checkpoint == null ? -1 : checkpoint.start().segment();
        @Nullable MetaRoll at = end;
        Set<SegmentLink> seen = new HashSet<>();
        while (at != null && seen.add(at.link())) {
            if (!hasNeeds(at)) {
                return false;
            }
            SegmentLink before = at.predecessor();
            // the last transaction of the checkpoint may be in the segment before it
            if (before == null || at.segment() < first) {
                return true;
            }
            at = rolls.get(before);
        }
        return false;
    }

    private boolean hasNeeds(MetaRoll roll) {
        return roll.dataSegments().stream().allMatch(number -> {
            Long epoch = data.get(number);
            return epoch != null && epoch <= roll.epoch();
        });
    }

    private Head head(MetaRoll end, Optional<Head.CheckpointStart> before) {
        Optional<Head.CheckpointStart> checkpoint = Optional.ofNullable(end.checkpoint())
                .flatMap(pointer -> epochOf(end, pointer.start().segment())
                        .map(epoch -> new Head.CheckpointStart(
                                SegmentId.meta(epoch, pointer.start().segment()),
                                pointer.start().offset())));
        return new Head(
                end.epoch(),
                SegmentId.meta(end.epoch(), end.segment()),
                end.hash(),
                checkpoint.or(() -> before),
                clock.instant());
    }

    /** The epoch of a segment of the chain that ends in another one. */
    private Optional<Long> epochOf(MetaRoll end, int segment) {
        @Nullable MetaRoll at = end;
        while (at != null && at.segment() > segment) {
            SegmentLink before = at.predecessor();
            if (before != null && before.segment() == segment) {
                return Optional.of(before.epoch());
            }
            at = before == null ? null : rolls.get(before);
        }
        return at != null && at.segment() == segment ? Optional.of(at.epoch()) : Optional.empty();
    }
}
