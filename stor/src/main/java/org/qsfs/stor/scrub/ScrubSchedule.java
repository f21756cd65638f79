package org.qsfs.stor.scrub;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.qsfs.metadata.Catalog;
import org.qsfs.stor.catalog.SavedState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrubs from time to time. A scrub is due when its interval has passed since the last one began, or when the last one did not come to its end; that one goes on where
 * it was. For one thread.
 */
public final class ScrubSchedule {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubSchedule.class);
    /** How much of a scrub a crash may repeat. */
    private static final Duration SAVE_EVERY = Duration.ofSeconds(30);

    private final SavedState saved;
    private final Scrubber scrubber;
    private final Function<CheckDepth, Duration> interval;
    private final InstantSource clock;

    /** @param interval from the begin of a scrub to the begin of the next; zero for none of that depth */
    public ScrubSchedule(
            Catalog records,
            SegmentCatalog catalog,
            Scrubber scrubber,
            Function<CheckDepth, Duration> interval,
            InstantSource clock) {
        this.saved = new SavedState(records, catalog, "a scrub");
        this.scrubber = scrubber;
        this.interval = interval;
        this.clock = clock;
    }

    /** Does what is due. */
    public void runDue() throws IOException, InterruptedException {
        for (CheckDepth depth : CheckDepth.values()) {
            Duration every = interval.apply(depth);
            if (every.isPositive()) {
                Optional<ScrubState> state = read(depth);
                boolean due = state.isEmpty()
                        || !state.get().ended()
                        || !state.get().begun().plus(every).isAfter(clock.instant());
                if (due) {
                    run(depth, state.filter(found -> !found.ended()));
                }
            }
        }
    }

    private void run(CheckDepth depth, Optional<ScrubState> unfinished) throws IOException, InterruptedException {
        Instant begun = unfinished.map(ScrubState::begun).orElseGet(clock::instant);
        Optional<SegmentId> after = unfinished.flatMap(ScrubState::last);
        write(depth, new ScrubState(begun, false, after));
        long[] savedAt = {System.nanoTime()};
        ScrubReport report = scrubber.scrub(ScrubScope.all(depth), after.orElse(null), (done, total) -> {}, id -> {
            if (System.nanoTime() - savedAt[0] > SAVE_EVERY.toNanos()) {
                savedAt[0] = System.nanoTime();
                trySave(depth, new ScrubState(begun, false, Optional.of(id)));
            }
        });
        write(depth, new ScrubState(begun, true, Optional.empty()));
        LOG.info(
                "scrub ({}): {} segments, {} shards, {} damaged, {} not reachable, {} segments repaired, {} not",
                depth.word(),
                report.segments(),
                report.shards(),
                report.damagedShards(),
                report.unreachableShards(),
                report.repairedSegments(),
                report.unrepairedSegments());
    }

    private void trySave(CheckDepth depth, ScrubState state) {
        try {
            write(depth, state);
        } catch (StorException failed) {
            LOG.debug("how far the scrub is was not saved: {}", failed.getMessage());
        }
    }

    private Optional<ScrubState> read(CheckDepth depth) throws StorException {
        Optional<byte[]> bytes = saved.read(ScrubState.key(depth));
        return bytes.isEmpty() ? Optional.empty() : Optional.of(ScrubState.decode(bytes.get()));
    }

    private void write(CheckDepth depth, ScrubState state) throws StorException {
        saved.write(ScrubState.key(depth), state.encode());
    }
}
