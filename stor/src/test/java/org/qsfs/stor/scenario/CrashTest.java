package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.MortalCatalog;
import org.qsfs.stor.testing.Scenario;

/** The process ends at every step of every operation; the next one finds everything named by a record, and can finish. */
@DisplayName("After a crash")
class CrashTest {
    private static final int LENGTH = 2 * Scenario.STRIPE + 100;

    /** An operation that dies at some commit. */
    private interface Operation {
        void run(Scenario volume) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("at any commit of an upload, the segment is stored by the next attempt, and nothing is left over")
    void upload(boolean lastIsCarriedOut) throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, LENGTH);
            dieAtEveryCommit(
                    volume, lastIsCarriedOut, scenario -> scenario.engine().store(id, file));
            volume.expectState(StoredState.STORED).expectReadable();
            finishAndDelete(volume, id);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("at any commit of a repair, the segment stays readable and is repaired by the next one")
    void repair(boolean lastIsCarriedOut) throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            int dead = volume.backendOf(volume.last(), 2);
            volume.zdb(dead).shards().keySet().forEach(volume.zdb(dead).values()::remove);
            dieAtEveryCommit(volume, lastIsCarriedOut, scenario -> {
                scenario.expectReadable();
                // notices that the values are gone
                scenario.engine().confirmStored(scenario.last());
                scenario.engine().repairAll();
                scenario.expectReadable();
            });
            volume.expectState(StoredState.STORED).expectReadable();
            finishAndDelete(volume, volume.last());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "at any commit of a repair that moves a shard, the segment stays readable and is repaired by the next one")
    void move(boolean lastIsCarriedOut) throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.kill(2).awaitState(0, BackendState.DOWN).awaitState(1, BackendState.DOWN);
            volume.write(LENGTH).expectState(StoredState.DEGRADED);
            volume.proxy(1).heal();
            volume.awaitState(1, BackendState.HEALTHY);
            dieAtEveryCommit(volume, lastIsCarriedOut, scenario -> {
                scenario.engine().repairAll();
                scenario.expectReadable();
            });
            volume.expectState(StoredState.STORED).heal().expectReadable();
            finishAndDelete(volume, volume.last());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("at any commit of a deletion, the next one deletes the rest")
    void deletion(boolean lastIsCarriedOut) throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            SegmentId id = volume.last();
            dieAtEveryCommit(
                    volume, lastIsCarriedOut, scenario -> scenario.engine().delete(id));
            assertThat(volume.engine().records()).isEmpty();
            volume.expectEmptyBackends();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 11, 12})
    @DisplayName("after some values of an upload, the next attempt stores the segment, and nothing is left over")
    void inTheMiddleOfWriting(int values) throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, LENGTH);
            AtomicInteger left = new AtomicInteger(values);
            MortalCatalog catalog = new MortalCatalog(volume.catalog(), 1, false);
            volume.reopenOn(catalog);
            Thread storing = Thread.ofVirtual().unstarted(() -> {
                try {
                    volume.engine().store(id, file);
                } catch (IOException killed) {
                    // as the test wants
                }
            });
            for (int backend = 0; backend < 5; backend++) {
                volume.zdb(backend).afterWrite(() -> {
                    if (left.decrementAndGet() == 0) {
                        storing.interrupt();
                    }
                });
            }
            storing.start();
            storing.join();
            volume.expectNothingForgotten().reopen().expectNothingForgotten();
            assertThat(volume.record(id).state()).isEqualTo(StoredState.UPLOADING);
            volume.engine().store(id, file);
            volume.expectState(StoredState.STORED).expectReadable();
            finishAndDelete(volume, id);
        }
    }

    /** Runs the operation on catalogs that die at the first, second, … commit, until it needs no more. */
    private static void dieAtEveryCommit(Scenario volume, boolean lastIsCarriedOut, Operation operation)
            throws IOException {
        for (int commits = 0; ; commits++) {
            assertThat(commits).as("commits of one operation").isLessThan(20);
            MortalCatalog catalog = new MortalCatalog(volume.catalog(), commits, lastIsCarriedOut);
            volume.reopenOn(catalog);
            try {
                operation.run(volume);
            } catch (IOException died) {
                assertThat(catalog.isDead()).as("died by the catalog: " + died).isTrue();
            }
            volume.reopen().expectNothingForgotten().expectWhatIsStoredReadable();
            if (!catalog.isDead()) {
                return;
            }
        }
    }

    private static void finishAndDelete(Scenario volume, SegmentId id) throws IOException {
        volume.engine().repairAll();
        assertThat(volume.record(id).obsolete()).isEmpty();
        assertThat(volume.engine().delete(id)).isTrue();
        volume.expectEmptyBackends();
    }
}
