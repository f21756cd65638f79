package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that moves complete records into the log. */
@Timeout(60)
class WriteBehindTest {
    private static final int MIB = 1 << 20;
    private static final FileSystemConfig CONFIG =
            TestVolume.quiet().withWriteBehind(true).withDirtyBytes(32 << 20);

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void completeRecordsLeaveMemoryAndTheRestStays() throws Exception {
        try (TestVolume volume = TestVolume.create(CONFIG)) {
            QsfsFileSystem fs = volume.fs();
            byte[] content = bytes(5 * MIB + 1000);
            FileSystem.Created file =
                    fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of("file"), 0644, OpenFlags.READ_WRITE);
            fs.write(file.handle(), 0, ByteBuffer.wrap(content, 0, 5 * MIB));
            eventually(() -> fs.activity().dirtyBytes() == 0);
            fs.write(file.handle(), 5 * MIB, ByteBuffer.wrap(content, 5 * MIB, 1000));
            assertThat(fs.activity().dirtyBytes()).isPositive();
            assertThat(volume.read(file.handle(), 0, content.length)).isEqualTo(content);
            fs.release(file.handle());
            volume.remount();
            assertThat(volume.content("/file")).isEqualTo(content);
            volume.assertSound();
        }
    }

    @Test
    void writersGoOnWhileItsTransactionWaits() throws Exception {
        try (TestVolume volume = TestVolume.create(CONFIG)) {
            QsfsFileSystem fs = volume.fs();
            byte[] content = bytes(MIB + 1000);
            FileSystem.Created file =
                    fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of("file"), 0644, OpenFlags.READ_WRITE);
            // the journal commits under its monitor
            synchronized (volume.journal()) {
                fs.write(file.handle(), 0, ByteBuffer.wrap(content, 0, MIB));
                eventually(() -> Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().equals("qsfs-write-behind")
                                && thread.getState() == Thread.State.BLOCKED));
                fs.write(file.handle(), 10, ByteBuffer.wrap(new byte[] {1, 2, 3}));
                fs.write(file.handle(), MIB, ByteBuffer.wrap(content, MIB, 1000));
                assertThat(fs.getAttributes(file.attributes().inode()).size()).isEqualTo(content.length);
            }
            content[10] = 1;
            content[11] = 2;
            content[12] = 3;
            assertThat(volume.read(file.handle(), 0, content.length)).isEqualTo(content);
            fs.release(file.handle());
            volume.remount();
            assertThat(volume.content("/file")).isEqualTo(content);
            volume.assertSound();
        }
    }

    @Test
    void aFailureIsToldToWhoeverSyncs() throws Exception {
        try (TestVolume volume = TestVolume.create(CONFIG)) {
            QsfsFileSystem fs = volume.fs();
            long handle = fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of("file"), 0644, OpenFlags.READ_WRITE)
                    .handle();
            volume.log().close();
            byte[] content = bytes(MIB);
            fs.write(handle, 0, ByteBuffer.wrap(content));
            eventually(() -> fs.activity().failed());
            assertFails(Errno.EIO, () -> fs.fsync(handle, false));
            assertThat(volume.read(handle, 0, MIB)).isEqualTo(content);
        }
    }
}
