package org.qsfs.stor.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.segment.StripeLayout;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.StripeCodec;

@DisplayName("Codecs of attempts that are read")
class OpenCodecsTest {
    private static final int STRIPE = 4096;

    private final VolumeKeys keys = VolumeKeys.generate(VolumeId.random());
    private final Codecs codecs = new Codecs(keys, 1);
    private final OpenCodecs open = new OpenCodecs(codecs);
    private int segment;
    private int stripe;

    @AfterEach
    void wipe() {
        codecs.close();
        keys.close();
    }

    @Test
    @DisplayName("are shared by reads of the same attempt, one after the other and at the same time")
    void shared() throws Exception {
        SegmentRecord record = record();
        StripeCodec first;
        try (OpenCodecs.Use use = open.take(record);
                OpenCodecs.Use other = open.take(record)) {
            first = use.codec();
            assertThat(other.codec()).isSameAs(first);
        }
        try (OpenCodecs.Use use = open.take(record);
                OpenCodecs.Use other = open.take(record())) {
            assertThat(use.codec()).isSameAs(first);
            assertThat(other.codec()).isNotSameAs(first);
        }
    }

    @Test
    @DisplayName("are wiped when many others were read since, but not before the last read with them ends")
    void wiped() throws Exception {
        SegmentRecord record = record();
        StripeCodec codec;
        try (OpenCodecs.Use use = open.take(record)) {
            codec = use.codec();
            readOthers();
            assertThatCode(() -> use(codec)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> use(codec)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("are wiped at the end, those in use when they are no longer")
    void closed() throws Exception {
        StripeCodec unused;
        try (OpenCodecs.Use use = open.take(record())) {
            unused = use.codec();
        }
        StripeCodec used;
        try (OpenCodecs.Use use = open.take(record())) {
            used = use.codec();
            open.close();
            assertThatCode(() -> use(used)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> use(unused)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> use(used)).isInstanceOf(IllegalStateException.class);
    }

    private void readOthers() throws Exception {
        for (int i = 0; i < OpenCodecs.KEPT; i++) {
            open.take(record()).close();
        }
    }

    /** Needs its keys. */
    private void use(StripeCodec codec) {
        codec.encode(stripe++, new byte[STRIPE]);
    }

    private SegmentRecord record() {
        List<ShardPlace> places = List.of(
                new ShardPlace(new BackendId("a"), ShardState.PRESENT),
                new ShardPlace(new BackendId("b"), ShardState.PRESENT));
        return new SegmentRecord(
                SegmentId.data(1, segment++),
                StoredState.STORED,
                AttemptId.random(),
                keys.currentVersion(),
                RedundancyPolicy.of(1, 2),
                new StripeLayout(10 * STRIPE, STRIPE),
                Optional.empty(),
                Instant.EPOCH,
                places,
                List.of());
    }
}
