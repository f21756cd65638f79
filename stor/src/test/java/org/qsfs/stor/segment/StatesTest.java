package org.qsfs.stor.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.segment.StoredState.DEGRADED;
import static org.qsfs.stor.segment.StoredState.DELETING;
import static org.qsfs.stor.segment.StoredState.LOST;
import static org.qsfs.stor.segment.StoredState.NO;
import static org.qsfs.stor.segment.StoredState.STORED;
import static org.qsfs.stor.segment.StoredState.UPLOADING;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatesTest {
    @Test
    void storedStatesFollowTheTable() {
        Map<StoredState, Set<StoredState>> legal = new EnumMap<>(StoredState.class);
        legal.put(NO, EnumSet.of(UPLOADING));
        legal.put(UPLOADING, EnumSet.of(UPLOADING, DEGRADED, STORED, DELETING));
        legal.put(DEGRADED, EnumSet.of(STORED, LOST, DELETING));
        legal.put(STORED, EnumSet.of(DEGRADED, LOST, DELETING));
        legal.put(LOST, EnumSet.of(UPLOADING, DEGRADED, STORED, DELETING));
        legal.put(DELETING, EnumSet.of(NO));
        for (StoredState from : StoredState.values()) {
            for (StoredState to : StoredState.values()) {
                assertThat(from.mayBecome(to))
                        .as("%s to %s", from, to)
                        .isEqualTo(legal.get(from).contains(to));
            }
        }
    }

    @Test
    void codesAreTheirOwnInverse() {
        for (StoredState state : StoredState.values()) {
            assertThat(StoredState.ofCode(state.code())).contains(state);
        }
        for (ShardState state : ShardState.values()) {
            assertThat(ShardState.ofCode(state.code())).contains(state);
        }
        for (SegmentNamespace namespace : SegmentNamespace.values()) {
            assertThat(SegmentNamespace.ofCode(namespace.code())).contains(namespace);
            assertThat(SegmentNamespace.ofWord(namespace.word())).contains(namespace);
        }
        assertThat(StoredState.ofCode(6)).isEmpty();
        assertThat(ShardState.ofCode(3)).isEmpty();
        assertThat(SegmentNamespace.ofCode(3)).isEmpty();
    }
}
