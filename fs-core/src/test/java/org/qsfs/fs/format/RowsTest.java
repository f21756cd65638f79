package org.qsfs.fs.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.InodeRow.Times;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.Location;

/** The bytes on disk. A change here is a change of the format. */
class RowsTest {
    private static final HexFormat HEX = HexFormat.of();

    private static InodeRow directory() {
        Times times = new Times(
                new Timestamp(1, 2), new Timestamp(-1, 999_999_999), new Timestamp(300, 0), new Timestamp(0, 0));
        AccessList list = new AccessList(java.util.List.of(
                new AccessList.Entry(AccessList.OWNER, 7, 0), new AccessList.Entry(AccessList.USER, 5, 1000)));
        return new InodeRow(
                5,
                FileType.DIRECTORY,
                01755,
                3,
                -1,
                100,
                0,
                0,
                0,
                times,
                2,
                list,
                AccessList.NONE,
                1,
                1000,
                "",
                0,
                Preallocation.NONE);
    }

    @Test
    void keysAreALetterAndBigEndianNumbers() throws FsException {
        assertThat(HEX.formatHex(Rows.inodeKey(258))).isEqualTo("490000000000000102");
        assertThat(HEX.formatHex(Rows.entryKey(1, FileName.of("ab")))).isEqualTo("4400000000000000016162");
        assertThat(HEX.formatHex(Rows.listingKey(1, 3))).isEqualTo("4f00000000000000010000000000000003");
        assertThat(HEX.formatHex(Rows.extentKey(2, 4096))).isEqualTo("4500000000000000020000000000001000");
        assertThat(HEX.formatHex(Rows.attributeKey(2, new byte[] {'u'}))).isEqualTo("58000000000000000275");
        assertThat(HEX.formatHex(Rows.orphanKey(2))).isEqualTo("5a0000000000000002");
        assertThat(HEX.formatHex(Rows.sharedKey(1, -1, 2, 3)))
                .isEqualTo("5200000001ffffffff00000000000000020000000000000003");
    }

    @Test
    void valuesAreAVersionAndNumbersOfVariableLength() throws FsException {
        assertThat(HEX.formatHex(directory().encode()))
                .isEqualTo("01" + "ed8701" + "03" + "ffffffff0f" + "64" + "00" + "00" + "00" + "0202" + "01ff93ebdc03"
                        + "d80400" + "0000" + "02" + "02" + "0107" + "0205e807" + "00" + "01" + "e807");
        assertThat(HEX.formatHex(directory()
                        .withFlags(InodeFlags.IMMUTABLE | InodeFlags.DIRECTORY_SYNC)
                        .encode()))
                .isEqualTo(HEX.formatHex(directory().encode()) + "908004");
        Preallocation ranges = Preallocation.NONE.plus(5, 10).plus(300, 400);
        assertThat(HEX.formatHex(directory().withPreallocation(ranges).encode()))
                .isEqualTo(HEX.formatHex(directory().encode()) + "00" + "02" + "0505" + "a20264");
        assertThat(HEX.formatHex(new EntryRow(300, FileType.REGULAR, 3).encode()))
                .isEqualTo("01ac020803");
        assertThat(HEX.formatHex(new ListingRow(300, FileType.SYMLINK, FileName.of("n")).encode()))
                .isEqualTo("01ac020a6e");
        ExtentRow own = new ExtentRow(
                4096, 100, new DataRecord.Key(7, 4086, 9), new Location(1, 26, DataRecord.valueLength(5000)), 10);
        assertThat(HEX.formatHex(own.encode(7))).isEqualTo("0100" + "64" + "01" + "1a" + "0a" + "8827" + "09");
        assertThat(HEX.formatHex(own.encode(8)))
                .isEqualTo("0101" + "64" + "01" + "1a" + "0a" + "8827" + "09" + "07" + "f61f");
        assertThat(HEX.formatHex(new SharedRow(200).encode())).isEqualTo("01c801");
    }

    @Test
    void whatIsEncodedIsDecoded() throws FsException {
        assertThat(InodeRow.decode(5, directory().encode())).isEqualTo(directory());
        InodeRow link = new InodeRow(
                6,
                FileType.SYMLINK,
                0777,
                1,
                0,
                0,
                3,
                0,
                0,
                directory().times(),
                0,
                AccessList.NONE,
                AccessList.NONE,
                0,
                0,
                "a\u00ffb",
                0,
                Preallocation.NONE);
        assertThat(InodeRow.decode(6, link.encode())).isEqualTo(link);
        for (InodeRow row : new InodeRow[] {directory(), link}) {
            InodeRow flagged = row.withFlags(InodeFlags.NO_DUMP | InodeFlags.SYNC);
            assertThat(InodeRow.decode(row.inode(), flagged.encode())).isEqualTo(flagged);
            InodeRow allocated = flagged.withPreallocation(Preallocation.NONE.plus(1, Long.MAX_VALUE));
            assertThat(InodeRow.decode(row.inode(), allocated.encode())).isEqualTo(allocated);
        }
        for (long inode : new long[] {7, 8}) {
            ExtentRow extent = new ExtentRow(
                    1L << 40,
                    1 << 20,
                    new DataRecord.Key(7, 1L << 40, Long.MAX_VALUE),
                    new Location(70_000, -5, DataRecord.valueLength(1 << 20)),
                    0);
            assertThat(ExtentRow.decode(Rows.extentKey(inode, 1L << 40), extent.encode(inode)))
                    .isEqualTo(extent);
        }
    }

    @Property(tries = 500)
    void damagedRowsAreErrorsAndNothingElse(
            @ForAll byte[] value, @ForAll @IntRange(min = 0, max = 40) int at, @ForAll byte with) {
        byte[] near = directory().encode();
        near[at % near.length] = with;
        for (byte[] bytes : new byte[][] {value, near, Arrays.copyOf(near, at % near.length)}) {
            decodeAll(bytes);
        }
    }

    private static void decodeAll(byte[] bytes) {
        try {
            InodeRow.decode(1, bytes);
        } catch (FsException e) {
            assertThat(e.errno()).isEqualTo(Errno.EIO);
        }
        try {
            ExtentRow.decode(Rows.extentKey(1, 0), bytes);
        } catch (FsException e) {
            assertThat(e.errno()).isEqualTo(Errno.EIO);
        }
        try {
            EntryRow.decode(1, bytes);
        } catch (FsException e) {
            assertThat(e.errno()).isEqualTo(Errno.EIO);
        }
    }

    @Test
    void anExtentOutsideOfItsRecordIsDamaged() {
        ExtentRow beyond = new ExtentRow(
                0, 101, new DataRecord.Key(7, 0, 9), new Location(1, 26, DataRecord.valueLength(200)), 100);
        assertFails(Errno.EIO, () -> ExtentRow.decode(Rows.extentKey(7, 0), beyond.encode(7)));
    }

    @Property(tries = 300)
    void theLengthOfAValueTellsTheLengthOfItsData(@ForAll @IntRange(min = 1, max = DataRecord.MAX_DATA) int length) {
        assertThat(DataRecord.dataLength(DataRecord.valueLength(length))).isEqualTo(length);
    }

    @Provide
    Arbitrary<Integer> pieces() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(1, 9000),
                Arbitraries.just(DataRecord.BLOCK),
                Arbitraries.of(1365, 2048));
    }

    @Property(tries = 300)
    void checksumsDoNotDependOnHowTheBytesAreCutIntoBuffers(
            @ForAll @IntRange(min = 1, max = 20_000) int length, @ForAll("pieces") int piece, @ForAll boolean sums) {
        byte[] key = new DataRecord.Key(1, 2, 3).encode();
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 7);
        }
        List<DataRecord.Part> parts = new ArrayList<>();
        for (int at = 0; at < length; at += piece) {
            ByteBuffer bytes = ByteBuffer.wrap(data, at, Math.min(piece, length - at));
            boolean summed = sums && bytes.remaining() == DataRecord.BLOCK;
            parts.add(
                    summed
                            ? new DataRecord.Part(bytes, true, new DataRecord.BlockSum().of(ByteBuffer.wrap(data), at))
                            : DataRecord.Part.of(bytes));
        }
        DataRecord.Seal seal = DataRecord.seal(key, parts);
        ByteBuffer checksums = seal.checksums();
        assertThat(seal.crc()).isEqualTo(ZdbCrc.of(ByteBuffer.wrap(data), checksums));
        assertThat(checksums.remaining()).isEqualTo(4 * DataRecord.blocks(length));
        for (int block = 0; block < DataRecord.blocks(length); block++) {
            CRC32C crc = new CRC32C();
            crc.update(key);
            crc.update(ByteBuffer.allocate(4).putInt(block).flip());
            crc.update(data, block * 4096, Math.min(4096, length - block * 4096));
            assertThat(checksums.getInt(4 * block)).isEqualTo((int) crc.getValue());
        }
    }
}
