package org.qsfs.fs.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.name;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.TestVolume;
import org.qsfs.fs.check.Finding;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;

class ContentTest {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH = 3;
    private static final int ZERO = 16;
    private static final int DATA = 3;
    private static final int HOLE = 4;

    private final TestVolume volume = TestVolume.create();
    private final QsfsFileSystem fs = volume.fs();

    @AfterEach
    void close() {
        volume.close();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private long open(String path) throws FsException {
        return fs.open(Caller.ROOT, volume.inode(path), OpenFlags.READ_WRITE);
    }

    private int extents(long inode) throws FsException {
        int count = 0;
        RowCursor cursor = volume.journal().scan(Rows.extentKey(inode, 0), Rows.endOf('E', inode));
        while (cursor.next()) {
            count++;
        }
        return count;
    }

    @Nested
    class Writing {
        @Test
        void adjacentWritesBecomeOneRecord() throws FsException {
            long inode = volume.makeFile("/f", new byte[0]);
            long handle = open("/f");
            for (int i = 0; i < 100; i++) {
                fs.write(handle, i * 1000L, ByteBuffer.wrap(bytes(1000)));
            }
            for (int i = 199; i >= 100; i--) {
                fs.write(handle, i * 1000L, ByteBuffer.wrap(bytes(1000)));
            }
            fs.fsync(handle, false);
            assertThat(extents(inode)).isEqualTo(1);
            assertThat(fs.getAttributes(inode).blocks()).isEqualTo((200_000 + 511) / 512);
            fs.release(handle);
            volume.assertSound();
        }

        @Test
        void bytesInMemoryCountAsBlocks() throws FsException {
            long inode = volume.makeFile("/f", new byte[0]);
            long handle = open("/f");
            fs.write(handle, 1_000_000, ByteBuffer.wrap(bytes(5000)));
            assertThat(fs.getAttributes(inode).blocks()).isEqualTo(10);
            fs.fsync(handle, false);
            assertThat(fs.getAttributes(inode).blocks()).isEqualTo(10);
            fs.release(handle);
        }

        @Test
        void overwritingDirtyBytesTakesNoMoreMemory() throws FsException {
            volume.makeFile("/f", new byte[0]);
            long handle = open("/f");
            for (int i = 0; i < 50; i++) {
                fs.write(handle, 0, ByteBuffer.wrap(bytes(4096)));
            }
            assertThat(fs.activity().dirtyBytes()).isEqualTo(4096);
            fs.release(handle);
            assertThat(fs.activity().dirtyBytes()).isZero();
        }

        @Test
        void memoryIsBoundedWhateverIsWritten() throws FsException {
            volume.makeFile("/f", new byte[0]);
            volume.makeFile("/g", new byte[0]);
            long one = open("/f");
            long other = open("/g");
            byte[] content = new byte[6_000_000];
            Random random = new Random(7);
            for (int i = 0; i < 3000; i++) {
                int at = random.nextInt(content.length - 5000);
                byte[] piece = bytes(1 + random.nextInt(4999));
                System.arraycopy(piece, 0, content, at, piece.length);
                fs.write(one, at, ByteBuffer.wrap(piece));
                fs.write(other, at, ByteBuffer.wrap(piece));
                assertThat(fs.activity().dirtyBytes()).isLessThanOrEqualTo(4 << 20);
            }
            byte[] expected = Arrays.copyOf(
                    content, (int) fs.getAttributes(volume.inode("/f")).size());
            assertThat(volume.read(one, 0, content.length)).isEqualTo(expected);
            assertThat(volume.read(other, 0, content.length)).isEqualTo(expected);
            fs.release(one);
            fs.release(other);
            volume.assertSound();
        }

        @Test
        void aWriteLargerThanTheMemoryIsTaken() throws IOException {
            byte[] content = bytes(11_000_001);
            volume.makeFile("/f", content);
            volume.remount();
            assertThat(volume.content("/f")).isEqualTo(content);
        }

        @Test
        void aHandleForReadingDoesNotWrite() throws FsException {
            long inode = volume.makeFile("/f", new byte[1]);
            long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_ONLY);
            assertFails(Errno.EBADF, () -> fs.write(handle, 0, ByteBuffer.allocate(1)));
            assertFails(Errno.EINVAL, () -> fs.truncate(handle, 0));
            assertFails(Errno.EBADF, () -> fs.allocate(handle, 0, 1, 0));
            assertFails(Errno.EINVAL, () -> fs.read(handle, -1, ByteBuffer.allocate(1)));
            fs.release(handle);
            assertFails(Errno.EBADF, () -> fs.read(handle, 0, ByteBuffer.allocate(1)));
        }

        @Test
        void aReadOnlyVolumeRefusesEveryChange() throws IOException {
            long inode = volume.makeFile("/f", new byte[1]);
            volume.remount(TestVolume.quiet().withReadOnly(true));
            QsfsFileSystem readOnly = volume.fs();
            assertFails(Errno.EROFS, () -> readOnly.open(Caller.ROOT, inode, OpenFlags.READ_WRITE));
            assertFails(Errno.EROFS, () -> readOnly.makeDirectory(Caller.ROOT, ROOT, name("d"), 0755));
            assertFails(Errno.EROFS, () -> readOnly.unlink(Caller.ROOT, ROOT, name("f")));
            assertFails(Errno.EROFS, () -> readOnly.setAttributes(Caller.ROOT, inode, SetAttributes.ofPermissions(0)));
            assertFails(Errno.EROFS, () -> readOnly.access(Caller.ROOT, inode, 2));
            assertThat(volume.content("/f")).hasSize(1);
        }
    }

    @Nested
    class Shaping {
        @Test
        void whatATruncateCutsReadsAsZerosWhenTheFileGrowsAgain() throws IOException {
            volume.makeFile("/f", bytes(10_000));
            fs.setAttributes(Caller.ROOT, volume.inode("/f"), SetAttributes.ofSize(100));
            fs.setAttributes(Caller.ROOT, volume.inode("/f"), SetAttributes.ofSize(10_000));
            byte[] expected = Arrays.copyOf(Arrays.copyOf(bytes(10_000), 100), 10_000);
            assertThat(volume.content("/f")).isEqualTo(expected);
            volume.remount();
            assertThat(volume.content("/f")).isEqualTo(expected);
            volume.assertSound();
        }

        @Test
        void punchingFreesSpaceAndKeepsTheSize() throws FsException {
            long inode = volume.makeFile("/f", bytes(3_000_000));
            long handle = open("/f");
            fs.allocate(handle, 1000, 2_900_000, PUNCH);
            assertThat(fs.getAttributes(inode).size()).isEqualTo(3_000_000);
            assertThat(fs.getAttributes(inode).blocks()).isEqualTo((100_000 + 511) / 512);
            assertThat(volume.read(handle, 1000, 5000)).containsOnly(0);
            assertThat(volume.read(handle, 999, 1)).containsExactly(bytes(3_000_000)[999]);
            assertThat(fs.statistics().usedBytes()).isEqualTo(100_000);
            fs.release(handle);
            volume.assertSound();
        }

        @Test
        void allocatingGrowsUnlessTheSizeIsKept() throws FsException {
            long inode = volume.makeFile("/f", bytes(10));
            long handle = open("/f");
            fs.allocate(handle, 0, 1000, KEEP_SIZE);
            assertThat(fs.getAttributes(inode).size()).isEqualTo(10);
            fs.allocate(handle, 0, 1000, 0);
            assertThat(fs.getAttributes(inode).size()).isEqualTo(1000);
            fs.allocate(handle, 5, 5000, ZERO);
            assertThat(fs.getAttributes(inode).size()).isEqualTo(5005);
            assertThat(volume.read(handle, 0, 10)).isEqualTo(Arrays.copyOf(Arrays.copyOf(bytes(10), 5), 10));
            assertFails(Errno.EOPNOTSUPP, () -> fs.allocate(handle, 0, 1, 2));
            assertFails(Errno.EINVAL, () -> fs.allocate(handle, 0, 0, 0));
            assertFails(Errno.EFBIG, () -> fs.allocate(handle, Long.MAX_VALUE, 1, 0));
            fs.release(handle);
        }

        @Test
        void nothingIsReadFarBehindTheEnd() throws FsException {
            volume.makeFile("/f", bytes(5_000));
            long handle = open("/f");
            for (long offset : List.of(5_000L, 8_192L, 1L << 32, 1L << 40, Long.MAX_VALUE)) {
                assertThat(fs.read(handle, offset, ByteBuffer.allocateDirect(4_096)))
                        .isZero();
            }
            fs.release(handle);
        }

        @Test
        void rangesAreNeitherCollapsedNorInserted() throws FsException {
            volume.makeFile("/f", bytes(10_000));
            long handle = open("/f");
            int collapse = 8;
            int insert = 32;
            int unshare = 64;
            for (int mode : List.of(collapse, insert, unshare, collapse | KEEP_SIZE, insert | KEEP_SIZE)) {
                assertFails(Errno.EOPNOTSUPP, () -> fs.allocate(handle, 4096, 4096, mode));
            }
            assertThat(volume.content("/f")).isEqualTo(bytes(10_000));
            fs.release(handle);
        }

        @Test
        void dataAndHolesAreFound() throws FsException {
            volume.makeFile("/f", new byte[0]);
            long handle = open("/f");
            fs.write(handle, 100_000, ByteBuffer.wrap(bytes(50_000)));
            fs.write(handle, 5_000_000, ByteBuffer.wrap(bytes(10)));
            assertThat(fs.seek(handle, 0, HOLE)).isZero();
            assertThat(fs.seek(handle, 0, DATA)).isEqualTo(24 * 4_096);
            assertThat(fs.seek(handle, 120_000, DATA)).isEqualTo(120_000);
            assertThat(fs.seek(handle, 120_000, HOLE)).isEqualTo(37 * 4_096);
            assertThat(fs.seek(handle, 150_000, DATA)).isEqualTo(150_000);
            assertThat(fs.seek(handle, 37 * 4_096, DATA)).isEqualTo(1_220 * 4_096);
            assertThat(fs.seek(handle, 5_000_000, HOLE)).isEqualTo(5_000_010);
            assertFails(Errno.ENXIO, () -> fs.seek(handle, 5_000_010, DATA));
            fs.truncate(handle, 6_000_000);
            assertThat(fs.seek(handle, 5_000_010, DATA)).isEqualTo(5_000_010);
            assertThat(fs.seek(handle, 5_000_010, HOLE)).isEqualTo(1_221 * 4_096);
            assertFails(Errno.ENXIO, () -> fs.seek(handle, 1_221 * 4_096, DATA));
            fs.release(handle);
        }

        @Test
        void holesAreToldInWholeBlocks() throws FsException {
            volume.makeFile("/f", bytes(20_000));
            long handle = open("/f");
            fs.allocate(handle, 100, 200, PUNCH);
            assertThat(fs.seek(handle, 0, HOLE)).isEqualTo(20_000);
            fs.allocate(handle, 4_000, 5_000, PUNCH);
            assertThat(fs.seek(handle, 0, HOLE)).isEqualTo(4_096);
            assertThat(fs.seek(handle, 4_096, DATA)).isEqualTo(8_192);
            assertThat(fs.seek(handle, 5_000, HOLE)).isEqualTo(5_000);
            fs.release(handle);
        }

        @Test
        void copyingSharesRecordsAndOutlivesTheSource() throws IOException {
            byte[] content = bytes(2_500_000);
            volume.makeFile("/f", content);
            volume.makeFile("/g", new byte[0]);
            long from = open("/f");
            long to = open("/g");
            long end = volume.log().end().offset();
            assertThat(fs.copyRange(from, 100, to, 7, 5_000_000)).isEqualTo(2_499_900);
            fs.fsync(to, false);
            assertThat(volume.log().end().offset()).as("no data was written").isEqualTo(end);
            fs.release(from);
            fs.release(to);
            fs.unlink(Caller.ROOT, ROOT, name("f"));
            volume.remount();
            byte[] copy = volume.content("/g");
            assertThat(copy).hasSize(2_499_907).startsWith(0, 0, 0, 0, 0, 0, 0);
            assertThat(Arrays.copyOfRange(copy, 7, copy.length))
                    .isEqualTo(Arrays.copyOfRange(content, 100, content.length));
            volume.assertSound();
        }

        @Test
        void veryFragmentedFilesAreCutAndDroppedInBoundedTransactions() throws IOException {
            long inode = volume.makeFile("/f", new byte[0]);
            long handle = open("/f");
            int pieces = 10_000;
            for (int i = 0; i < pieces; i++) {
                fs.write(handle, i * 8192L, ByteBuffer.wrap(new byte[] {1, 2}));
            }
            fs.fsync(handle, false);
            assertThat(extents(inode)).isEqualTo(pieces);
            fs.truncate(handle, 8192L * 100 + 1);
            assertThat(extents(inode)).isEqualTo(101);
            for (int i = 0; i < pieces; i++) {
                fs.write(handle, i * 8192L, ByteBuffer.wrap(new byte[] {3}));
            }
            fs.release(handle);
            fs.unlink(Caller.ROOT, ROOT, name("f"));
            volume.remount();
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (volume.fs().statistics().usedInodes() > 1 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(extents(inode)).isZero();
            assertThat(volume.fs().statistics().usedBytes()).isZero();
            volume.assertSound();
        }
    }

    @Nested
    class Quotas {
        @Test
        void bytesBeyondTheQuotaAreRefusedButOverwritingIsNot() throws IOException {
            volume.remount(TestVolume.quiet().withQuota(1_000_000, Long.MAX_VALUE));
            QsfsFileSystem limited = volume.fs();
            byte[] content = bytes(1_000_000);
            volume.makeFile("/f", content);
            long handle = limited.open(Caller.ROOT, volume.inode("/f"), OpenFlags.READ_WRITE);
            assertFails(Errno.EDQUOT, () -> limited.write(handle, 1_000_000, ByteBuffer.allocate(1)));
            limited.write(handle, 500, ByteBuffer.wrap(new byte[1000]));
            limited.fsync(handle, false);
            assertThat(limited.statistics().totalBytes()).isEqualTo(1_000_000);
            assertThat(limited.statistics().usedBytes()).isEqualTo(1_000_000);
            limited.allocate(handle, 0, 10, PUNCH);
            limited.write(handle, 1_000_000, ByteBuffer.allocate(10));
            assertFails(Errno.EDQUOT, () -> limited.write(handle, 2_000_000, ByteBuffer.allocate(1)));
            limited.release(handle);
            volume.assertSound();
        }

        @Test
        void inodesBeyondTheQuotaAreRefused() throws IOException {
            volume.remount(TestVolume.quiet().withQuota(Long.MAX_VALUE, 3));
            volume.makeFile("/a", new byte[0]);
            volume.makeDirectory("/b", 0755);
            assertFails(Errno.EDQUOT, () -> volume.makeFile("/c", new byte[0]));
            assertThat(volume.fs().statistics().usedInodes()).isEqualTo(3);
            volume.assertSound();
        }
    }

    @Nested
    class Damage {
        private ExtentRow extentOf(long inode) throws FsException {
            RowCursor cursor = volume.journal().scan(Rows.extentKey(inode, 0), Rows.endOf('E', inode));
            assertThat(cursor.next()).isTrue();
            return ExtentRow.decode(cursor.key(), cursor.value());
        }

        private void flip(ExtentRow extent, int dataOffset) throws IOException {
            long at = extent.record().position() + 18 + 24 + dataOffset;
            try (RandomAccessFile file = new RandomAccessFile(
                    volume.dataFile(extent.record().segment()).toFile(), "rw")) {
                file.seek(at);
                int value = file.read();
                file.seek(at);
                file.write(value ^ 1);
            }
        }

        @Test
        void onlyReadsThatTouchADamagedBlockFail() throws IOException {
            byte[] content = bytes(20_000);
            long inode = volume.makeFile("/f", content);
            flip(extentOf(inode), 9000);
            long handle = open("/f");
            assertThat(volume.read(handle, 0, 8192)).isEqualTo(Arrays.copyOf(content, 8192));
            assertThat(volume.read(handle, 12_288, 10_000)).isEqualTo(Arrays.copyOfRange(content, 12_288, 20_000));
            assertFails(Errno.EIO, () -> volume.read(handle, 8192, 1));
            assertFails(Errno.EIO, () -> volume.read(handle, 12_287, 5));
            assertFails(Errno.EIO, () -> volume.read(handle, 0, 20_000));
            fs.release(handle);
        }

        @Test
        void aCheckOfTheContentNamesTheDamagedFile() throws IOException {
            long inode = volume.makeFile("/f", bytes(20_000));
            volume.makeFile("/g", bytes(5000));
            flip(extentOf(inode), 0);
            java.util.List<Finding> findings = new java.util.ArrayList<>();
            assertThat(fs.check(true, findings::add).verifiedBytes()).isEqualTo(5000);
            assertThat(findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.subject()).isEqualTo("inode " + inode));
            assertThat(findings.getFirst().severity()).isEqualTo(Finding.Severity.DATA_LOST);
        }

        @Test
        void anExtentThatPointsAtAnotherRecordIsRecognised() throws IOException {
            long one = volume.makeFile("/f", bytes(4096));
            long other = volume.makeFile("/g", bytes(4096));
            ExtentRow wrong = extentOf(other);
            ExtentRow right = extentOf(one);
            volume.journal()
                    .damage(Rows.extentKey(one, 0), new ExtentRow(0, 4096, right.key(), wrong.record(), 0).encode(one));
            volume.remount();
            assertFails(Errno.EIO, () -> volume.content("/f"));
        }
    }
}
