package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.fs.format.Rows;

/** A flush that fails after it took the written bytes: they were acknowledged, so no later fsync succeeds, and they stay readable. */
@Timeout(60)
class FailedFlushTest {
    private static final Caller ROOT = Caller.ROOT;

    @Test
    void anAppendThatFailsMakesTheVolumeReadOnly() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            QsfsFileSystem fs = volume.fs();
            long handle = fs.create(ROOT, FileSystem.ROOT, FileName.of("file"), 0644, OpenFlags.READ_WRITE)
                    .handle();
            fs.write(handle, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            volume.log().close();
            assertReadOnly(fs, handle);
            assertThat(volume.read(handle, 0, 3)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anExtentThatCannotBeReadMakesTheVolumeReadOnly() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            long inode = volume.makeFile("/file", new byte[10]);
            volume.remount();
            volume.journal().damage(Rows.extentKey(inode, 0), new byte[] {99});
            QsfsFileSystem fs = volume.fs();
            long handle = fs.open(ROOT, inode, OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertReadOnly(fs, handle);
            assertThat(volume.read(handle, 0, 3)).containsExactly(1, 2, 3);
        }
    }

    /** Found in review: the written bytes were cut before the extents, so a truncate that failed lost them. */
    @Test
    void aTruncateThatFailsKeepsWrittenBytes() throws Exception {
        for (long size : new long[] {0, 5}) {
            try (TestVolume volume = TestVolume.create()) {
                long inode = volume.makeFile("/file", new byte[10]);
                volume.remount();
                volume.journal().damage(Rows.extentKey(inode, 0), new byte[] {99});
                QsfsFileSystem fs = volume.fs();
                long handle = fs.open(ROOT, inode, OpenFlags.READ_WRITE);
                fs.write(handle, 2 << 20, ByteBuffer.wrap(new byte[] {1, 2, 3}));
                assertEio(() -> fs.truncate(handle, size));
                assertThat(volume.read(handle, 2 << 20, 3)).containsExactly(1, 2, 3);
                assertThat(fs.getAttributes(inode).size()).isEqualTo((2 << 20) + 3);
            }
        }
    }

    @Test
    void whoOpensTheFileAgainAfterItsReleaseSeesTheErrorToo() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            long inode = volume.makeFile("/file", new byte[10]);
            volume.remount();
            volume.journal().damage(Rows.extentKey(inode, 0), new byte[] {99});
            QsfsFileSystem fs = volume.fs();
            long handle = fs.open(ROOT, inode, OpenFlags.READ_WRITE);
            long other = fs.open(ROOT, inode, OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            fs.release(handle);
            assertReadOnly(fs, other);
        }
    }

    private static void assertReadOnly(QsfsFileSystem fs, long handle) {
        for (int i = 0; i < 3; i++) {
            assertEio(() -> fs.fsync(handle, false));
        }
        assertThat(fs.activity().failed()).isTrue();
        assertEio(() -> fs.write(handle, 0, ByteBuffer.wrap(new byte[1])));
    }

    private static void assertEio(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
    }
}
