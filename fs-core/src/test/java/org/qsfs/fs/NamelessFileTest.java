package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that are made without a name (O_TMPFILE). */
@Timeout(60)
class NamelessFileTest {
    private static final Caller ROOT = Caller.ROOT;

    private static void eventuallyOneInode(Volume volume) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (volume.fs().statistics().usedInodes() > 1) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static FileSystem.Created make(QsfsFileSystem fs, int flags) throws FsException {
        FileSystem.Created made = fs.createNameless(ROOT, FileSystem.ROOT, 0644, OpenFlags.READ_WRITE | flags);
        fs.write(made.handle(), 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        return made;
    }

    @Test
    void oneThatGetsANameStays() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            FileSystem.Created made = make(volume.fs(), 0);
            assertThat(made.attributes().links()).isZero();
            volume.fs().link(ROOT, made.attributes().inode(), FileSystem.ROOT, Volume.name("name"));
            volume.fs().release(made.handle());
            volume.fs().forget(made.attributes().inode(), 2);
            volume.remount();
            assertThat(volume.content("/name")).containsExactly(1, 2, 3);
            volume.assertSound();
        }
    }

    @Test
    void oneThatGetsNoneGoesWithItsLastReference() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            FileSystem.Created made = make(volume.fs(), OpenFlags.EXCLUSIVE);
            long inode = made.attributes().inode();
            assertFails(Errno.ENOENT, () -> volume.fs().link(ROOT, inode, FileSystem.ROOT, Volume.name("name")));
            assertThat(volume.read(made.handle(), 0, 3)).containsExactly(1, 2, 3);
            volume.fs().release(made.handle());
            volume.fs().forget(inode, 1);
            eventuallyOneInode(volume);
            assertThat(volume.fs().statistics().usedBytes()).isZero();
            volume.assertSound();
        }
    }

    @Test
    void oneThatLostItsNameGetsNoOther() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            FileSystem.Created made = make(volume.fs(), 0);
            long inode = made.attributes().inode();
            volume.fs().link(ROOT, inode, FileSystem.ROOT, Volume.name("name"));
            volume.fs().unlink(ROOT, FileSystem.ROOT, Volume.name("name"));
            assertFails(Errno.ENOENT, () -> volume.fs().link(ROOT, inode, FileSystem.ROOT, Volume.name("name")));
        }
    }

    @Test
    void aCrashTakesItAway() throws Exception {
        try (JournaledVolume volume = new JournaledVolume()) {
            FileSystem.Created made = make(volume.fs(), 0);
            volume.fs().fsync(made.handle(), false);
            volume.crash(new Random(1));
            eventuallyOneInode(volume);
            volume.assertSound();
        }
    }
}
