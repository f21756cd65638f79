package org.qsfs.stor.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentIdTest {
    @Test
    void catalogKeyIsAsDocumented() {
        assertThat(SegmentId.data(3, 42).catalogKey()).isEqualTo("segment/data/0000002a/0000000000000003");
        assertThat(SegmentId.meta(258, Integer.MAX_VALUE).catalogKey())
                .isEqualTo("segment/meta/7fffffff/0000000000000102");
    }

    @Property
    void catalogKeysNameTheirSegmentAndSortLikeIt(
            @ForAll @LongRange(min = 0) long epoch,
            @ForAll @LongRange(min = 0) long otherEpoch,
            @ForAll @IntRange(min = 0) int number,
            @ForAll @IntRange(min = 0) int otherNumber) {
        SegmentId one = SegmentId.data(epoch, number);
        SegmentId other = SegmentId.meta(otherEpoch, otherNumber);
        SegmentId third = SegmentId.data(otherEpoch, otherNumber);
        assertThat(SegmentId.ofCatalogKey(one.catalogKey())).contains(one);
        assertThat(SegmentId.ofCatalogKey(other.catalogKey())).contains(other);
        assertThat(Integer.signum(one.compareTo(other)))
                .isEqualTo(Integer.signum(one.catalogKey().compareTo(other.catalogKey())));
        assertThat(Integer.signum(one.compareTo(third)))
                .isEqualTo(Integer.signum(one.catalogKey().compareTo(third.catalogKey())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "head",
                "segment/data/0000002a",
                "segment/data/2a/0000000000000003",
                "segment/data/0000002A/0000000000000003",
                "segment/temp/0000002a/0000000000000003",
                "segment/data/f000002a/0000000000000003",
                "segment/data/0000002a/f000000000000003",
                "segment/data/0000002a/000000000000000x",
                "segment/data/0000002a/0000000000000003/"
            })
    void otherKeysNameNoSegment(String key) {
        assertThat(SegmentId.ofCatalogKey(key)).isEmpty();
    }

    @Test
    void negativeNumbersAreRefused() {
        assertThatThrownBy(() -> SegmentId.data(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SegmentId.data(0, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
