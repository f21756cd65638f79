package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;

/** Files of very many tiny extents: what a log becomes that is synced after every line. No change of them exceeds a transaction. */
@Timeout(60)
class TinyExtentsTest {
    private static final Caller ROOT = Caller.ROOT;

    /** Makes a file of one extent, and cuts that into extents of a byte each. */
    private static byte[] makeTiny(TestVolume volume, String path, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        long inode = volume.makeFile(path, content);
        RowCursor rows = volume.journal().scan(Rows.extentKey(inode, 0), Rows.endOf('E', inode));
        assertThat(rows.next()).isTrue();
        ExtentRow whole = ExtentRow.decode(rows.key(), rows.value());
        assertThat(whole.length()).isEqualTo(size);
        for (long at = 0; at < size; at++) {
            volume.journal()
                    .damage(Rows.extentKey(inode, at), whole.part(at, at + 1).encode(inode));
        }
        volume.remount();
        return content;
    }

    @Test
    void oneFlushOverwritesMoreTinyExtentsThanATransactionCanRemove() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            int size = 200_000;
            makeTiny(volume, "/log", size);
            byte[] written = new byte[size];
            Arrays.fill(written, (byte) 7);
            QsfsFileSystem fs = volume.fs();
            long handle = fs.open(ROOT, volume.inode("/log"), OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(written));
            fs.fsync(handle, false);
            fs.release(handle);
            assertThat(Arrays.equals(volume.content("/log"), written)).isTrue();
            volume.assertSound();
            volume.remount();
            assertThat(Arrays.equals(volume.content("/log"), written)).isTrue();
        }
    }

    @Test
    void aCopyOfTinyExtentsOverTinyExtentsIsManyTransactions() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            int size = 60_000;
            byte[] content = makeTiny(volume, "/source", size);
            makeTiny(volume, "/target", size);
            QsfsFileSystem fs = volume.fs();
            long from = fs.open(ROOT, volume.inode("/source"), OpenFlags.READ_ONLY);
            long to = fs.open(ROOT, volume.inode("/target"), OpenFlags.READ_WRITE);
            assertThat(fs.copyRange(from, 0, to, 0, size)).isEqualTo(size);
            fs.release(from);
            fs.release(to);
            assertThat(Arrays.equals(volume.content("/target"), content)).isTrue();
            volume.assertSound();
        }
    }
}
