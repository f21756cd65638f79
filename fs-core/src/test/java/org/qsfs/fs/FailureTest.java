package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that fails: the volume becomes read-only, whoever waits is told, and what was synced is there after a remount. */
@Timeout(60)
class FailureTest {
    private static final int MIB = 1 << 20;

    @Test
    void aFullDiskMakesTheVolumeReadOnlyAndLosesNothingThatWasSynced() throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            QsfsFileSystem fs = volume.fs();
            volume.makeFile("/synced", new byte[5000]);
            fs.flushAll();
            long inode = volume.makeFile("/f", new byte[10]);
            long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_WRITE);
            volume.files().limitSpace(1000);
            assertFails(Errno.EIO, () -> {
                for (int i = 0; i < 20; i++) {
                    fs.write(handle, (long) i * MIB, ByteBuffer.allocate(MIB));
                }
            });
            assertThat(fs.activity().failed()).isTrue();
            assertFails(Errno.EIO, () -> fs.fsync(handle, false));
            assertFails(Errno.EIO, () -> fs.makeDirectory(Caller.ROOT, FileSystem.ROOT, FileName.of("d"), 0755));
            assertFails(Errno.EIO, () -> fs.write(handle, 0, ByteBuffer.allocate(1)));
            assertThat(volume.content("/synced")).as("reads go on").hasSize(5000);
            fs.release(handle);
            volume.files().limitSpace(Long.MAX_VALUE);
            volume.crash(new Random(1));
            assertThat(volume.content("/synced")).hasSize(5000);
            volume.assertSound();
        }
    }

    @Test
    void aFailedSyncIsNotTriedAgain() throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            QsfsFileSystem fs = volume.fs();
            long inode = volume.makeFile("/f", new byte[10]);
            long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(new byte[100]));
            volume.files().failNextSync();
            assertFails(Errno.EIO, () -> fs.fsync(handle, false));
            assertFails(Errno.EIO, () -> fs.fsync(handle, false));
            assertThat(fs.activity().failed()).isTrue();
            fs.release(handle);
            volume.crash(new Random(1));
            volume.assertSound();
        }
    }

    @Test
    void theTimerPutsEverythingOnDisk() throws IOException {
        FileSystemConfig config = TestVolume.quiet().withCommitInterval(Duration.ofMillis(5));
        try (JournaledVolume volume = new JournaledVolume(config)) {
            FileSystem.Created created =
                    volume.fs().create(Caller.ROOT, FileSystem.ROOT, FileName.of("f"), 0644, OpenFlags.READ_WRITE);
            volume.fs().write(created.handle(), 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while ((volume.fs().activity().dirtyBytes() > 0 || volume.journal().unsynced())
                    && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            volume.crash(new Random(3));
            assertThat(volume.content("/f")).containsExactly(1, 2, 3);
        }
    }

    @Test
    void synchronousWritesAreOnDiskWhenTheyReturn() throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            FileSystem.Created created = volume.fs()
                    .create(
                            Caller.ROOT,
                            FileSystem.ROOT,
                            FileName.of("f"),
                            0644,
                            OpenFlags.WRITE_ONLY | OpenFlags.DATA_SYNC);
            volume.fs().write(created.handle(), 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            volume.crash(new Random(4));
            assertThat(volume.content("/f")).containsExactly(1, 2, 3);
        }
    }

    @Test
    void whatWasUnlinkedWhileOpenIsReclaimedAfterACrash() throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            QsfsFileSystem fs = volume.fs();
            long inode = volume.makeFile("/f", new byte[100_000]);
            long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_WRITE);
            fs.unlink(Caller.ROOT, FileSystem.ROOT, FileName.of("f"));
            fs.flushAll();
            assertThat(fs.statistics().usedBytes()).isEqualTo(100_000);
            assertThat(volume.read(handle, 0, 10)).hasSize(10);
            volume.crash(new Random(5));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (volume.fs().statistics().usedBytes() > 0 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(volume.fs().statistics().usedInodes()).isEqualTo(1);
            assertThat(volume.fs().statistics().usedBytes()).isZero();
            volume.assertSound();
        }
    }
}
