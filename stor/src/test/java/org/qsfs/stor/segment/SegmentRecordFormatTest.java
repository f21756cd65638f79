package org.qsfs.stor.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.AttemptId;

class SegmentRecordFormatTest {
    private static final SegmentId ID = SegmentId.data(0x31, 0x42);
    private static final AttemptId ATTEMPT = new AttemptId(0x2021222324252627L, 0x28292a2b2c2d2e2fL);
    private static final AttemptId EARLIER = new AttemptId(0x3021222324252627L, 0x38292a2b2c2d2e2fL);
    private static final Sha256 DIGEST = Sha256.digest(new byte[0]);
    private static final SegmentRecord RECORD = new SegmentRecord(
            ID,
            StoredState.DEGRADED,
            ATTEMPT,
            7,
            new RedundancyPolicy(1, 3, 0, 2),
            new StripeLayout(10_000, 4096),
            Optional.of(DIGEST),
            Instant.ofEpochMilli(0x18a00000123L),
            List.of(
                    new ShardPlace(new BackendId("b1"), ShardState.PRESENT),
                    new ShardPlace(
                            new BackendId("east-2"),
                            ShardState.ADDING,
                            new ShardKeys.Sequential(0xc1c2c3c4c5c6c7c8L, List.of(6L, -1L, 0x112233L))),
                    new ShardPlace(new BackendId("c"), ShardState.MISSING)),
            List.of(new ObsoleteShard(EARLIER, 2, 3, new BackendId("b1"), ShardKeys.NAMED)));
    private static final SegmentRecord BY_NAME = RECORD.with(
            List.of(
                    RECORD.shards().get(0),
                    new ShardPlace(new BackendId("east-2"), ShardState.ADDING),
                    RECORD.shards().get(2)),
            RECORD.lastWrite(),
            RECORD.obsolete());

    @Test
    void bytesAreAsDocumented() throws StorException {
        String hex = bytes("0001", "00");
        assertThat(HexFormat.of().formatHex(SegmentRecordFormat.encode(BY_NAME)))
                .isEqualTo(hex);
        assertThat(SegmentRecordFormat.decode(ID, SegmentRecordFormat.encode(BY_NAME)))
                .isEqualTo(BY_NAME);
    }

    @Test
    void bytesWithIdsAreAsDocumented() throws StorException {
        String keys = "01" + "c1c2c3c4c5c6c7c8" // incarnation
                + "00000003" // stripes
                + "0d" // 6: six more than expected, zigzag 12
                + "00" // not known
                + "d9888901"; // 0x112233 − 7 = 0x11222c, zigzag 0x224458, plus 1
        assertThat(HexFormat.of().formatHex(SegmentRecordFormat.encode(RECORD))).isEqualTo(bytes("0002", keys));
        assertThat(SegmentRecordFormat.decode(ID, SegmentRecordFormat.encode(RECORD)))
                .isEqualTo(RECORD);
    }

    @Test
    void idsInARowTakeAByteEach() {
        List<Long> row =
                java.util.stream.LongStream.range(1_000_000, 1_001_000).boxed().toList();
        ShardKeys keys = new ShardKeys.Sequential(1, row);
        SegmentRecord long1000 = RECORD.with(
                List.of(
                        new ShardPlace(new BackendId("b1"), ShardState.PRESENT, keys),
                        RECORD.shards().get(0),
                        RECORD.shards().get(2)),
                RECORD.lastWrite(),
                List.of());
        assertThat(SegmentRecordFormat.encode(long1000)).hasSizeLessThan(1_200);
    }

    @Test
    void unknownIdsAtTheEndAreLeftOut() {
        assertThat(new ShardKeys.Sequential(1, List.of(-1L, 4L, -1L, -1L)))
                .isEqualTo(new ShardKeys.Sequential(1, List.of(-1L, 4L)));
        assertThatThrownBy(() -> new ShardKeys.Sequential(1, List.of(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String bytes(String version, String eastKeys) {
        return "515346535345474d" // magic
                + version
                + "00" // data
                + "02" // degraded
                + "0000000000000031" // epoch
                + "00000042" // number
                + "202122232425262728292a2b2c2d2e2f"
                + "00000007" // key version
                + "0001" // k
                + "0003" // n
                + "0000" // groups
                + "0002" // nodes
                + "00001000" // stripe size
                + "0000000000002710" // segment length
                + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                + "0000018a00000123" // last write
                + "01" + "02" + "6231" + "00"
                + "00" + "06" + "656173742d32" + eastKeys
                + "02" + "01" + "63" + "00"
                + "00000001"
                + "302122232425262738292a2b2c2d2e2f" + "0002" + "00000003" + "02" + "6231" + "00";
    }

    @Test
    void unknownDigestIsKeptUnknown() throws StorException {
        SegmentRecord rebuilt = new SegmentRecord(
                ID,
                StoredState.STORED,
                ATTEMPT,
                7,
                RECORD.policy(),
                RECORD.layout(),
                Optional.empty(),
                RECORD.lastWrite(),
                RECORD.shards(),
                List.of());
        assertThat(SegmentRecordFormat.decode(ID, SegmentRecordFormat.encode(rebuilt)))
                .isEqualTo(rebuilt);
    }

    @Test
    void recordOfAnotherSegmentIsRefused() {
        assertThatThrownBy(() ->
                        SegmentRecordFormat.decode(SegmentId.data(0x31, 0x43), SegmentRecordFormat.encode(RECORD)))
                .isInstanceOf(StorException.Damaged.class)
                .hasMessageContaining("another segment");
    }

    @Property
    void flippedBytesAreRefusedOrAnotherRecord(@ForAll @IntRange(max = 230) int at, @ForAll byte flip) {
        byte[] bytes = SegmentRecordFormat.encode(RECORD);
        bytes[at % bytes.length] ^= flip;
        try {
            assertThat(SegmentRecordFormat.encode(SegmentRecordFormat.decode(ID, bytes)))
                    .isEqualTo(bytes);
        } catch (StorException refused) {
            assertThat(refused).hasMessageContaining(ID.toString());
        }
    }

    @Property
    void cutRecordsAreRefused(@ForAll @IntRange(max = 200) int missing) {
        byte[] bytes = SegmentRecordFormat.encode(RECORD);
        byte[] cut = Arrays.copyOf(bytes, Math.max(0, bytes.length - 1 - missing));
        assertThatThrownBy(() -> SegmentRecordFormat.decode(ID, cut)).isInstanceOf(StorException.Damaged.class);
    }

    @Property
    void anyBytesBehindTheMagicAreRefusedWithoutHarm(@ForAll @Size(max = 400) byte[] noise) {
        byte[] bytes = Arrays.copyOf(SegmentRecordFormat.encode(RECORD), 10 + noise.length);
        System.arraycopy(noise, 0, bytes, 10, noise.length);
        assertThatThrownBy(() -> SegmentRecordFormat.decode(ID, bytes)).isInstanceOf(StorException.class);
    }

    @Test
    void statesChangeOnlyAsTheTableSays() {
        assertThat(RECORD.with(StoredState.STORED).state()).isEqualTo(StoredState.STORED);
        assertThatThrownBy(() -> RECORD.with(StoredState.UPLOADING)).isInstanceOf(IllegalStateException.class);
    }
}
