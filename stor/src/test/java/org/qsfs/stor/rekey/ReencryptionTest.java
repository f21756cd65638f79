package org.qsfs.stor.rekey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.MortalCatalog;
import org.qsfs.stor.testing.Scenario;

@DisplayName("Re-encryption under a new master key")
class ReencryptionTest {
    @Test
    @DisplayName("moves every segment to the new key, on the same backends, and the old shards go")
    void everything() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(1000).write(300_000);
            List<SegmentRecord> before = volume.engine().records();
            rotate(volume);
            volume.write(5000);
            assertThat(volume.record(volume.last()).keyVersion()).isEqualTo(2);
            assertThat(volume.engine()
                            .reencrypt((done, total) -> assertThat(total).isEqualTo(2)))
                    .isEqualTo(new Reencryption.Outcome(2, 0));
            for (SegmentRecord old : before) {
                SegmentRecord now = volume.record(old.id());
                assertThat(now.keyVersion()).isEqualTo(2);
                assertThat(now.attempt()).isNotEqualTo(old.attempt());
                assertThat(now.state()).isEqualTo(StoredState.STORED);
                assertThat(now.sha256()).isEqualTo(old.sha256());
                assertThat(now.shards())
                        .extracting(ShardPlace::backend)
                        .isEqualTo(
                                old.shards().stream().map(ShardPlace::backend).toList());
            }
            volume.expectReadable().expectNothingForgotten();
            volume.engine().repairAll();
            assertThat(volume.engine().records())
                    .allSatisfy(record -> assertThat(record.obsolete()).isEmpty());
            volume.expectReadable().expectNothingForgotten();
            volume.kill(2).expectReadable();
            assertThat(volume.engine().reencrypt((done, total) -> {})).isEqualTo(new Reencryption.Outcome(0, 0));
        }
    }

    @Test
    @DisplayName("leaves for later what cannot be written now")
    void backendAway() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(10_000);
            rotate(volume);
            volume.kill(1).awaitState(0, BackendState.DOWN);
            assertThat(volume.engine().reencrypt((done, total) -> {})).isEqualTo(new Reencryption.Outcome(0, 1));
            volume.expectReadable().heal();
            assertThat(volume.engine().reencrypt((done, total) -> {})).isEqualTo(new Reencryption.Outcome(1, 0));
            volume.expectReadable();
        }
    }

    @Test
    @DisplayName("that is killed at any commit loses nothing and leaves nothing behind")
    void killed() throws Exception {
        for (int commits = 0; commits < 2; commits++) {
            for (boolean carriedOut : new boolean[] {false, true}) {
                try (Scenario volume = given(volume(2, 4))) {
                    volume.write(100_000);
                    rotate(volume);
                    MortalCatalog mortal = new MortalCatalog(volume.catalog(), commits, carriedOut);
                    volume.reopenOn(mortal);
                    assertThatThrownBy(() -> volume.engine().reencrypt((done, total) -> {}))
                            .isInstanceOf(IOException.class);
                    volume.reopen().expectReadable().expectNothingForgotten();
                    volume.engine().repairAll();
                    assertThat(volume.engine().reencrypt((done, total) -> {}).left())
                            .isZero();
                    volume.engine().repairAll();
                    volume.expectReadable().expectNothingForgotten().expectState(StoredState.STORED);
                    SegmentRecord now = volume.record(SegmentId.data(1, 0));
                    assertThat(now.keyVersion()).isEqualTo(2);
                    assertThat(now.obsolete()).isEmpty();
                    assertThat(shardsOf(volume, now.attempt())).isEqualTo(shards(volume));
                }
            }
        }
    }

    private static void rotate(Scenario volume) {
        try (VolumeKeys rotated = volume.keys().rotated()) {
            volume.keys().adopt(rotated);
        }
    }

    private static long shards(Scenario volume) {
        long count = 0;
        for (int backend = 0; backend < 4; backend++) {
            count += volume.zdb(backend).shards().size();
        }
        return count;
    }

    private static long shardsOf(Scenario volume, AttemptId attempt) {
        long count = 0;
        for (int backend = 0; backend < 4; backend++) {
            count += volume.zdb(backend).valuesOf(attempt);
        }
        return count;
    }
}
