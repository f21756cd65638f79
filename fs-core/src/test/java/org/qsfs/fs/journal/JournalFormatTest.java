package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.fs.journal.TestVolume.bytes;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.qsfs.fs.rows.Row;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.LogPosition;

/** The bytes on disk: these never change. */
class JournalFormatTest {
    private static final VolumeCounters COUNTERS = new VolumeCounters(0x11, 0x22, 0x33, 0x44);
    private static final String COUNTERS_HEX =
            "04" + "0000000000000011" + "0000000000000022" + "0000000000000033" + "0000000000000044";

    private static final TransactionRecord TRANSACTION = new TransactionRecord(
            7,
            0x1234,
            0xcafebabe,
            new SyncedThrough(new LogPosition(3, 0x9abcdef0L), new LogPosition(4, 0x50)),
            COUNTERS,
            List.of(new DataRecord(new Location(3, 0x9abcdef0, 0x100000), 0x01020304)),
            List.of(new Row(bytes("ik1"), bytes("value")), new Row(bytes("dk2"), null)),
            0); // not compared: the checksum is what encoding adds

    private static final SegmentHeader HEADER = new SegmentHeader(
            TestVolume.VOLUME,
            7,
            6,
            new SegmentLink(4, 5, Sha256.of(new byte[32])),
            0x1233,
            0xcafebabe,
            COUNTERS,
            new LogPosition(3, 0x1c),
            new CheckpointPointer(0x1000, new LogPosition(2, 0x99), new LogPosition(3, 0xaa)));

    private static final SegmentTrailer TRAILER = new SegmentTrailer(
            7,
            6,
            2,
            0x1234,
            0xcafebabe,
            new SyncedThrough(new LogPosition(3, 0x1c), new LogPosition(6, 0x50)),
            List.of(2, 300));

    private static final CheckpointChunk CHUNK = new CheckpointChunk(
            0x1000, 2, List.of(new Row(bytes("ik1"), bytes("v")), new Row(bytes("ik2"), new byte[0])));

    private static final CheckpointTrailer CHECKPOINT = new CheckpointTrailer(
            new JournalPoint(0x1000, 0xcafebabe, new LogPosition(2, 0x44), COUNTERS),
            new LogPosition(2, 0x99),
            3,
            0x123456789aL,
            Sha256.of(new byte[32]));

    static List<JournalEntry> entries() {
        return List.of(TRANSACTION, HEADER, TRAILER, CHUNK, CHECKPOINT);
    }

    private static String sealed(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);
        CRC32C crc = new CRC32C();
        crc.update(body);
        return hex + "%08x".formatted((int) crc.getValue());
    }

    private static String hex(ByteBuffer buffer) {
        byte[] all = new byte[buffer.remaining()];
        buffer.duplicate().get(all);
        return HexFormat.of().formatHex(all);
    }

    @Test
    void transaction() {
        assertThat(hex(TRANSACTION.encode()))
                .isEqualTo(sealed("0100" + "0000000000000007" + "0000000000001234" + "cafebabe"
                        + "00000003" + "9abcdef0" + "00000004" + "00000050" + COUNTERS_HEX
                        + "01" + "00000003" + "9abcdef0" + "00100000" + "01020304"
                        + "02" + "01" + "03" + "696b31" + "05" + "76616c7565" + "02" + "03" + "646b32"));
    }

    @Test
    @DisplayName("what a commit writes is the same as what the record says")
    void committedTransaction() throws Exception {
        Transaction transaction = new Transaction()
                .introduces(new Location(3, 0x9abcdef0, 0x100000), 0x01020304)
                .put(bytes("ik1"), bytes("value"))
                .delete(bytes("dk2"));
        FieldWriter prepared = TransactionRecord.prepare(transaction);
        int checksum = TransactionRecord.complete(
                prepared, 7, 0x1234, 0xcafebabe, TRANSACTION.synced(), TRANSACTION.counters());
        assertThat(hex(prepared.buffer())).isEqualTo(hex(TRANSACTION.encode()));
        assertThat(TransactionRecord.decode(prepared.buffer()).checksum()).isEqualTo(checksum);
        assertThat(prepared.length()).isLessThanOrEqualTo(transaction.boundBytes());
    }

    @Test
    void segmentHeader() {
        assertThat(hex(HEADER.encode()))
                .isEqualTo(sealed("0100" + "0123456789abcdef1122334455667788" + "0000000000000007" + "00000006"
                        + "00000004" + "0000000000000005" + "00".repeat(32) + "0000000000001233" + "cafebabe"
                        + COUNTERS_HEX + "00000003" + "0000001c"
                        + "01" + "0000000000001000" + "00000002" + "00000099" + "00000003" + "000000aa"));
        SegmentHeader first =
                new SegmentHeader(TestVolume.VOLUME, 7, 0, null, 0, 0, VolumeCounters.NONE, LogPosition.START, null);
        assertThat(hex(first.encode()))
                .isEqualTo(sealed("0100" + "0123456789abcdef1122334455667788" + "0000000000000007" + "00000000"
                        + "ffffffff" + "0000000000000000" + "00".repeat(32) + "0000000000000000" + "00000000"
                        + "04" + "00".repeat(32) + "0000000000000000" + "00"));
    }

    @Test
    void segmentTrailer() {
        assertThat(hex(TRAILER.encode()))
                .isEqualTo(sealed("0100" + "0000000000000007" + "00000006" + "00000002" + "0000000000001234"
                        + "cafebabe" + "00000003" + "0000001c" + "00000006" + "00000050"
                        + "02" + "00000002" + "0000012c"));
    }

    @Test
    void checkpointChunk() {
        assertThat(hex(CHUNK.encode()))
                .isEqualTo(sealed("0100" + "0000000000001000" + "00000002" + "02" + "01" + "03" + "696b31" + "01" + "76"
                        + "01" + "03" + "696b32" + "00"));
    }

    @Test
    void checkpointTrailer() {
        assertThat(hex(CHECKPOINT.encode()))
                .isEqualTo(sealed("0100" + "0000000000001000" + "cafebabe" + "00000002" + "00000044"
                        + COUNTERS_HEX + "00000002" + "00000099" + "00000003" + "000000123456789a"
                        + "00".repeat(32)));
    }

    @Test
    void indexMark() throws Exception {
        JournalPoint point = new JournalPoint(0x1000, 0xcafebabe, new LogPosition(2, 0x44), COUNTERS);
        assertThat(HexFormat.of().formatHex(point.encode()))
                .isEqualTo(sealed("0100" + "0000000000001000" + "cafebabe" + "00000002" + "00000044" + COUNTERS_HEX));
        assertThat(JournalPoint.decode(point.encode())).isEqualTo(point);
    }

    @Test
    void keys() {
        assertThat(HexFormat.of().formatHex(TRANSACTION.key().encode())).isEqualTo("54" + "0000000000001234");
        assertThat(HexFormat.of().formatHex(HEADER.key().encode())).isEqualTo("48" + "0000000000000006");
        assertThat(HexFormat.of().formatHex(TRAILER.key().encode())).isEqualTo("46" + "0000000000000006");
        assertThat(HexFormat.of().formatHex(CHUNK.key().encode())).isEqualTo("43" + "0000000000001000");
        assertThat(HexFormat.of().formatHex(CHECKPOINT.key().encode())).isEqualTo("45" + "0000000000001000");
    }

    @ParameterizedTest
    @MethodSource("entries")
    void decodesWhatItEncodes(JournalEntry entry) throws Exception {
        ByteBuffer value = entry.encode();
        JournalEntry decoded = JournalEntry.decode(entry.key().encode(), value);
        assertThat(hex(decoded.encode())).isEqualTo(hex(value));
        if (!(entry instanceof TransactionRecord)) {
            assertThat(decoded).isEqualTo(entry);
        }
    }

    @ParameterizedTest
    @MethodSource("entries")
    void everyFlippedBitAndEveryCutIsNoticed(JournalEntry entry) {
        byte[] whole = HexFormat.of().parseHex(hex(entry.encode()));
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> JournalEntry.decode(entry.key().encode(), ByteBuffer.wrap(damaged)))
                    .isInstanceOf(JournalFormatException.class);
        }
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> JournalEntry.decode(entry.key().encode(), ByteBuffer.wrap(cut)))
                    .isInstanceOf(JournalFormatException.class);
        }
    }

    @Test
    void anEntryUnderAnotherKeyIsRefused() {
        byte[] key = new EntryKey(EntryKey.TRANSACTION, 0x1235).encode();
        assertThatThrownBy(() -> JournalEntry.decode(key, TRANSACTION.encode()))
                .isInstanceOf(JournalFormatException.class);
    }

    @Property(tries = 2000)
    void bytesWithARightChecksumNeverHurt(@ForAll @Size(max = 200) byte[] body, @ForAll long seed) {
        // bytes that begin like an entry get further than random ones
        for (JournalEntry entry : entries()) {
            byte[] whole = HexFormat.of().parseHex(hex(entry.encode()));
            Random random = new Random(seed);
            int at = 2 + random.nextInt(whole.length - 6);
            System.arraycopy(body, 0, whole, at, Math.min(body.length, whole.length - 4 - at));
            decodeSealed(entry.key(), Arrays.copyOf(whole, whole.length - 4));
            byte[] head = body.clone();
            if (head.length > 1) {
                head[0] = 1;
                head[1] = 0;
            }
            decodeSealed(entry.key(), head);
        }
    }

    private static void decodeSealed(EntryKey key, byte[] body) {
        FieldWriter sealed = new FieldWriter(body.length + 4).bytes(body).seal();
        try {
            JournalEntry decoded = JournalEntry.decode(key.encode(), sealed.buffer());
            assertThat(decoded.key()).isEqualTo(key);
        } catch (JournalFormatException e) {
            assertThat(e).hasMessageStartingWith("a");
        }
    }

    @Test
    void aTransactionHasABoundedSize() {
        Transaction transaction = new Transaction();
        Row row = new Row(bytes("k"), new byte[1 << 20]);
        while (transaction.fits(row)) {
            transaction.add(row);
        }
        assertThat(transaction.rows()).hasSize(3);
        assertThatThrownBy(() -> transaction.add(row)).hasMessageContaining("split it");
        assertThat(TransactionRecord.prepare(transaction).length()).isLessThanOrEqualTo(Transaction.MAX_BYTES);
    }

    @Test
    @DisplayName("entries that outgrow their first buffer are whole, wherever it ends")
    void growing() throws Exception {
        for (int length = 0; length < 40; length++) {
            List<Row> rows = new ArrayList<>();
            rows.add(new Row(bytes("k"), new byte[4000 + length]));
            for (int i = 0; i < 100; i++) {
                rows.add(new Row(bytes("key" + i), new byte[i]));
            }
            CheckpointChunk chunk = new CheckpointChunk(1, 2, rows);
            assertThat(JournalEntry.decode(chunk.key().encode(), chunk.encode()))
                    .isEqualTo(chunk);
        }
        for (int capacity = 0; capacity < 12; capacity++) {
            FieldWriter out = new FieldWriter(capacity)
                    .u8(1)
                    .u32(2)
                    .u64(3)
                    .bytes(new byte[5])
                    .u64(6);
            assertThat(HexFormat.of().formatHex(out.toBytes()))
                    .isEqualTo("01" + "00000002" + "0000000000000003" + "00".repeat(5) + "0000000000000006");
        }
    }
}
