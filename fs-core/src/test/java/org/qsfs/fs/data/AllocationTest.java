package org.qsfs.fs.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.name;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.TestVolume;

/** What fallocate promises counts as allocated, once, whether bytes are written there or not. */
class AllocationTest {
    private static final int PLAIN = 0;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH = 3;
    private static final int ZERO = 16;
    private static final int SIZE = 40_000;

    private static long open(TestVolume volume, String path) throws FsException {
        return volume.fs().open(Caller.ROOT, volume.inode(path), OpenFlags.READ_WRITE);
    }

    private static void write(QsfsFileSystem fs, long handle, long offset, int length) throws FsException {
        fs.write(handle, offset, ByteBuffer.allocate(length));
    }

    @Property(tries = 100)
    void bytesAreCountedOnce(@ForAll @Size(max = 40) List<@IntRange(min = 0, max = 1_000_000) Integer> steps)
            throws IOException {
        try (TestVolume volume = TestVolume.create()) {
            long inode = volume.makeFile("/f", new byte[0]);
            BitSet allocated = new BitSet();
            long handle = open(volume, "/f");
            for (int step : steps) {
                QsfsFileSystem fs = volume.fs();
                int from = step / 7 * 37 % SIZE;
                int length = 1 + step / 7 * 101 % 9_000;
                switch (step % 7) {
                    case 0, 1 -> write(fs, handle, from, length);
                    case 2 -> fs.allocate(handle, from, length, PLAIN);
                    case 3 -> fs.allocate(handle, from, length, KEEP_SIZE);
                    case 4 -> fs.allocate(handle, from, length, ZERO);
                    case 5 -> fs.allocate(handle, from, length, PUNCH);
                    default -> fs.truncate(handle, from);
                }
                switch (step % 7) {
                    case 5 -> allocated.clear(from, from + length);
                    case 6 -> allocated.clear(from, 2 * SIZE);
                    default -> allocated.set(from, from + length);
                }
                fs.fsync(handle, false);
                assertThat(fs.statistics().usedBytes()).isEqualTo(allocated.cardinality());
                assertThat(fs.getAttributes(inode).blocks()).isEqualTo((allocated.cardinality() + 511) / 512);
            }
            volume.fs().release(handle);
            volume.assertSound();
            volume.remount();
            assertThat(volume.fs().statistics().usedBytes()).isEqualTo(allocated.cardinality());
            assertGivesEverythingBack(volume);
        }
    }

    private static void assertGivesEverythingBack(TestVolume volume) throws IOException {
        volume.fs().unlink(Caller.ROOT, ROOT, name("f"));
        volume.remount();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (volume.fs().statistics().usedInodes() > 1 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(volume.fs().statistics().usedBytes()).isZero();
        volume.assertSound();
    }

    @Test
    void ofVeryManyRangesTheLongestAreKept() throws IOException {
        try (TestVolume volume = TestVolume.create()) {
            volume.makeFile("/f", new byte[0]);
            long handle = open(volume, "/f");
            for (int i = 0; i < 100; i++) {
                volume.fs().allocate(handle, i * 1000L, 10 + i, KEEP_SIZE);
            }
            long longest = 0;
            for (int i = 36; i < 100; i++) {
                longest += 10 + i;
            }
            assertThat(volume.fs().statistics().usedBytes()).isEqualTo(longest);
            volume.fs().allocate(handle, 99_050, 1, PUNCH);
            write(volume.fs(), handle, 0, 99_200);
            volume.fs().release(handle);
            volume.assertSound();
            assertGivesEverythingBack(volume);
        }
    }

    @Test
    void whatIsPromisedIsWithinTheQuota() throws IOException {
        try (TestVolume volume = TestVolume.create(TestVolume.quiet().withQuota(1_000_000, Long.MAX_VALUE))) {
            QsfsFileSystem fs = volume.fs();
            long inode = volume.makeFile("/f", new byte[100]);
            volume.makeFile("/g", new byte[100_000]);
            long handle = open(volume, "/f");
            long other = open(volume, "/g");
            assertFails(Errno.EDQUOT, () -> fs.allocate(handle, 0, 900_001, PLAIN));
            assertFails(Errno.EDQUOT, () -> fs.allocate(handle, 0, 900_001, ZERO));
            assertThat(fs.getAttributes(inode).size()).isEqualTo(100);
            fs.allocate(handle, 0, 900_000, KEEP_SIZE);
            assertThat(fs.getAttributes(inode).size()).isEqualTo(100);
            assertThat(fs.statistics().usedBytes()).isEqualTo(1_000_000);
            assertFails(Errno.EDQUOT, () -> write(fs, other, 100_000, 1));
            assertFails(Errno.EDQUOT, () -> fs.allocate(other, 100_000, 1, PLAIN));
            fs.allocate(handle, 100, 500_000, PLAIN);
            write(fs, handle, 0, 900_000);
            assertFails(Errno.EDQUOT, () -> write(fs, handle, 900_000, 1));
            fs.fsync(handle, false);
            assertThat(fs.statistics().usedBytes()).isEqualTo(1_000_000);
            fs.truncate(handle, 0);
            assertThat(fs.statistics().usedBytes()).isEqualTo(100_000);
            write(fs, other, 100_000, 900_000);
            fs.release(handle);
            fs.release(other);
            volume.assertSound();
        }
    }

    @Test
    void moreThanAVolumeWithoutQuotaShowsIsRefused() throws IOException {
        try (TestVolume volume = TestVolume.create()) {
            volume.makeFile("/f", new byte[100]);
            long handle = open(volume, "/f");
            long all = volume.fs().statistics().totalBytes();
            assertFails(Errno.ENOSPC, () -> volume.fs().allocate(handle, 0, all + 1, KEEP_SIZE));
            assertFails(Errno.ENOSPC, () -> volume.fs().allocate(handle, 0, Long.MAX_VALUE, PLAIN));
            volume.fs().release(handle);
        }
    }
}
