package org.qsfs.fs.attr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.RENAME_EXCHANGE;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.InodeFlags.APPEND_ONLY;
import static org.qsfs.fs.InodeFlags.DIRECTORY_SYNC;
import static org.qsfs.fs.InodeFlags.IMMUTABLE;
import static org.qsfs.fs.InodeFlags.NO_ACCESS_TIME;
import static org.qsfs.fs.InodeFlags.NO_DUMP;
import static org.qsfs.fs.InodeFlags.SYNC;
import static org.qsfs.fs.Volume.ALICE;
import static org.qsfs.fs.Volume.BOB;
import static org.qsfs.fs.Volume.name;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.TestVolume;
import org.qsfs.fs.Timestamp;

class InodeFlagsTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final byte[] ATTRIBUTE = {'u', 's', 'e', 'r', '.', 'a'};

    private final TestVolume volume = TestVolume.create();

    @AfterEach
    void soundAndClosed() throws FsException {
        volume.assertSound();
        volume.close();
    }

    private void set(long inode, int flags) throws FsException {
        volume.fs().setFlags(Caller.ROOT, inode, flags);
    }

    private void write(long handle, long offset) throws FsException {
        volume.fs().write(handle, offset, ByteBuffer.wrap(CONTENT));
    }

    @Test
    void areKeptAndMoveTheTimeOfChange() throws IOException {
        long file = volume.makeFile("/f", CONTENT);
        long directory = volume.makeDirectory("/d", 0755);
        Attributes before = volume.lookup("/f");
        assertThat(volume.fs().flags(file)).isZero();
        set(file, IMMUTABLE | NO_DUMP);
        set(directory, APPEND_ONLY | DIRECTORY_SYNC);
        assertThat(volume.lookup("/f").changed()).isGreaterThan(before.changed());
        assertThat(volume.lookup("/f").modified()).isEqualTo(before.modified());
        volume.remount();
        assertThat(volume.fs().flags(file)).isEqualTo(IMMUTABLE | NO_DUMP);
        assertThat(volume.fs().flags(directory)).isEqualTo(APPEND_ONLY | DIRECTORY_SYNC);
        assertFails(Errno.EPERM, () -> volume.fs().unlink(Caller.ROOT, ROOT, name("f")));
        set(file, 0);
        volume.fs().unlink(Caller.ROOT, ROOT, name("f"));
    }

    @Test
    void areTheOwnersButThoseThatProtectAreTheSuperusers() throws FsException {
        long file = volume.makeFile("/f", CONTENT);
        volume.fs().setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(ALICE.uid(), ALICE.gid()));
        volume.fs().setFlags(ALICE, file, NO_DUMP | NO_ACCESS_TIME | SYNC);
        assertFails(Errno.EPERM, () -> volume.fs().setFlags(BOB, file, 0));
        assertFails(Errno.EPERM, () -> volume.fs().setFlags(ALICE, file, IMMUTABLE));
        set(file, APPEND_ONLY);
        assertFails(Errno.EPERM, () -> volume.fs().setFlags(ALICE, file, 0));
        volume.fs().setFlags(ALICE, file, APPEND_ONLY | NO_DUMP);
        set(file, IMMUTABLE);
        assertFails(Errno.EPERM, () -> set(file, IMMUTABLE | NO_DUMP));
        assertFails(Errno.EOPNOTSUPP, () -> set(file, DIRECTORY_SYNC));
        assertFails(Errno.EOPNOTSUPP, () -> set(file, 1 << 20));
        long link =
                volume.fs().makeSymlink(Caller.ROOT, ROOT, name("l"), CONTENT).inode();
        assertFails(Errno.ENOTTY, () -> volume.fs().flags(link));
        assertFails(Errno.ENOTTY, () -> set(link, NO_DUMP));
    }

    @Test
    void nothingOfAnImmutableFileChanges() throws FsException {
        long file = volume.makeFile("/f", CONTENT);
        long other = volume.makeFile("/other", CONTENT);
        long open = volume.fs().open(Caller.ROOT, file, OpenFlags.READ_WRITE);
        long from = volume.fs().open(Caller.ROOT, other, OpenFlags.READ_ONLY);
        volume.fs().setExtendedAttribute(Caller.ROOT, file, ATTRIBUTE, CONTENT, 0);
        set(file, IMMUTABLE);
        Attributes before = volume.lookup("/f");
        for (int flags :
                new int[] {OpenFlags.WRITE_ONLY, OpenFlags.READ_WRITE | OpenFlags.APPEND, OpenFlags.TRUNCATE}) {
            assertFails(Errno.EPERM, () -> volume.fs().open(Caller.ROOT, file, flags));
            assertFails(Errno.EPERM, () -> volume.fs().create(Caller.ROOT, ROOT, name("f"), 0644, flags));
        }
        assertFails(Errno.EPERM, () -> write(open, 0));
        assertFails(Errno.EPERM, () -> volume.fs().truncate(open, 0));
        assertFails(Errno.EPERM, () -> volume.fs().allocate(open, 0, 10, 1));
        assertFails(Errno.EPERM, () -> volume.fs().copyRange(from, 0, open, 0, 1));
        assertFails(Errno.EPERM, () -> volume.fs().access(Caller.ROOT, file, Permissions.WRITE));
        for (SetAttributes change : new SetAttributes[] {
            SetAttributes.ofPermissions(0600),
            SetAttributes.ofOwner(1, null),
            SetAttributes.ofSize(1),
            SetAttributes.ofTimes(null, new Timestamp(1, 0)),
            new SetAttributes(null, null, null, null, null, null, true, true)
        }) {
            assertFails(Errno.EPERM, () -> volume.fs().setAttributes(Caller.ROOT, file, change));
        }
        assertFails(Errno.EPERM, () -> volume.fs().setExtendedAttribute(Caller.ROOT, file, ATTRIBUTE, CONTENT, 0));
        assertFails(Errno.EPERM, () -> volume.fs().removeExtendedAttribute(Caller.ROOT, file, ATTRIBUTE));
        assertFails(Errno.EPERM, () -> volume.fs().link(Caller.ROOT, file, ROOT, name("g")));
        assertFails(Errno.EPERM, () -> volume.fs().unlink(Caller.ROOT, ROOT, name("f")));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, ROOT, name("f"), ROOT, name("g"), 0));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, ROOT, name("other"), ROOT, name("f"), 0));
        assertFails(
                Errno.EPERM,
                () -> volume.fs().rename(Caller.ROOT, ROOT, name("other"), ROOT, name("f"), RENAME_EXCHANGE));
        assertThat(volume.lookup("/f")).isEqualTo(before);
        assertThat(volume.content("/f")).isEqualTo(CONTENT);
        volume.fs().release(open);
        volume.fs().release(from);
    }

    @Test
    void whatTheKernelTookBeforeAFileBecameImmutableIsWritten() throws FsException {
        long file = volume.makeFile("/f", CONTENT);
        long open = volume.fs().open(Caller.ROOT, file, OpenFlags.READ_WRITE);
        set(file, IMMUTABLE);
        volume.fs().writeBack(open, 3, ByteBuffer.wrap(CONTENT));
        volume.fs().release(open);
        assertThat(volume.content("/f")).containsExactly(1, 2, 3, 1, 2, 3);
    }

    @Test
    void noNameOfAnImmutableDirectoryChanges() throws FsException {
        long directory = volume.makeDirectory("/d", 0777);
        volume.makeFile("/d/f", CONTENT);
        volume.makeDirectory("/d/e", 0755);
        long other = volume.makeFile("/other", CONTENT);
        set(directory, IMMUTABLE);
        assertFails(Errno.EPERM, () -> volume.fs().makeDirectory(Caller.ROOT, directory, name("n"), 0755));
        assertFails(Errno.EPERM, () -> volume.fs().makeNode(Caller.ROOT, directory, name("n"), FileType.FIFO, 0644, 0));
        assertFails(Errno.EPERM, () -> volume.fs().makeSymlink(Caller.ROOT, directory, name("n"), CONTENT));
        assertFails(Errno.EPERM, () -> volume.fs().create(Caller.ROOT, directory, name("n"), 0644, 2));
        assertFails(Errno.EPERM, () -> volume.fs().createNameless(Caller.ROOT, directory, 0644, 2));
        assertFails(Errno.EPERM, () -> volume.fs().link(Caller.ROOT, other, directory, name("n")));
        assertFails(Errno.EPERM, () -> volume.fs().unlink(Caller.ROOT, directory, name("f")));
        assertFails(Errno.EPERM, () -> volume.fs().removeDirectory(Caller.ROOT, directory, name("e")));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, directory, name("f"), ROOT, name("f"), 0));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, ROOT, name("other"), directory, name("n"), 0));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, ROOT, name("d"), ROOT, name("e"), 0));
        assertFails(Errno.EPERM, () -> volume.fs().removeDirectory(Caller.ROOT, ROOT, name("d")));
        volume.makeFile("/d/e/new", CONTENT);
        assertThat(volume.names("/d")).containsExactly("f", "e");
    }

    @Test
    void anAppendOnlyFileOnlyGrows() throws FsException {
        long file = volume.makeFile("/f", CONTENT);
        set(file, APPEND_ONLY);
        assertFails(Errno.EPERM, () -> volume.fs().open(Caller.ROOT, file, OpenFlags.WRITE_ONLY));
        assertFails(
                Errno.EPERM,
                () -> volume.fs()
                        .open(Caller.ROOT, file, OpenFlags.READ_WRITE | OpenFlags.APPEND | OpenFlags.TRUNCATE));
        assertFails(Errno.EPERM, () -> volume.fs().open(Caller.ROOT, file, OpenFlags.TRUNCATE));
        long open = volume.fs().open(Caller.ROOT, file, OpenFlags.WRITE_ONLY | OpenFlags.APPEND);
        write(open, 0);
        assertFails(Errno.EPERM, () -> volume.fs().truncate(open, 100));
        assertFails(Errno.EPERM, () -> volume.fs().allocate(open, 0, 1, 3));
        volume.fs().allocate(open, 0, 10, 0);
        volume.fs().release(open);
        long placed = volume.fs().open(Caller.ROOT, file, OpenFlags.READ_WRITE | OpenFlags.PLACED_APPEND);
        write(placed, 10);
        volume.fs().release(placed);
        assertThat(volume.content("/f")).containsExactly(1, 2, 3, 1, 2, 3, 0, 0, 0, 0, 1, 2, 3);
        assertFails(Errno.EPERM, () -> volume.fs().setAttributes(Caller.ROOT, file, SetAttributes.ofPermissions(0600)));
        assertFails(Errno.EPERM, () -> volume.fs().setAttributes(Caller.ROOT, file, SetAttributes.ofSize(100)));
        assertFails(Errno.EPERM, () -> volume.fs().setExtendedAttribute(Caller.ROOT, file, ATTRIBUTE, CONTENT, 0));
        assertFails(Errno.EPERM, () -> volume.fs().link(Caller.ROOT, file, ROOT, name("g")));
        assertFails(Errno.EPERM, () -> volume.fs().unlink(Caller.ROOT, ROOT, name("f")));
        Attributes before = volume.lookup("/f");
        volume.fs().setAttributes(Caller.ROOT, file, new SetAttributes(null, null, null, null, null, null, true, true));
        assertThat(volume.lookup("/f").modified()).isGreaterThan(before.modified());
    }

    @Test
    void anAppendOnlyDirectoryOnlyGetsNames() throws FsException {
        long directory = volume.makeDirectory("/d", 0777);
        volume.makeFile("/d/f", CONTENT);
        volume.makeFile("/g", CONTENT);
        set(directory, APPEND_ONLY);
        volume.makeFile("/d/new", CONTENT);
        volume.fs().rename(Caller.ROOT, ROOT, name("g"), directory, name("g"), 0);
        volume.makeFile("/h", CONTENT);
        assertFails(Errno.EPERM, () -> volume.fs().unlink(Caller.ROOT, directory, name("new")));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, directory, name("f"), directory, name("e"), 0));
        assertFails(Errno.EPERM, () -> volume.fs().rename(Caller.ROOT, ROOT, name("h"), directory, name("f"), 0));
        assertThat(volume.names("/d")).containsExactly("f", "new", "g");
    }

    @Test
    void newInodesInheritWhatDoesNotProtect() throws FsException {
        long directory = volume.makeDirectory("/d", 0755);
        set(directory, APPEND_ONLY | DIRECTORY_SYNC | SYNC | NO_DUMP | NO_ACCESS_TIME);
        long file = volume.makeFile("/d/f", CONTENT);
        long below = volume.makeDirectory("/d/e", 0755);
        assertThat(volume.fs().flags(file)).isEqualTo(SYNC | NO_DUMP | NO_ACCESS_TIME);
        assertThat(volume.fs().flags(below)).isEqualTo(DIRECTORY_SYNC | SYNC | NO_DUMP | NO_ACCESS_TIME);
    }

    @Test
    void readingSetsNoAccessTimeWhereItIsNotWanted() throws FsException {
        long file = volume.makeFile("/f", CONTENT);
        set(file, NO_ACCESS_TIME);
        Attributes before = volume.lookup("/f");
        volume.advance(Duration.ofDays(2));
        volume.content("/f");
        assertThat(volume.lookup("/f").accessed()).isEqualTo(before.accessed());
        set(file, 0);
        volume.content("/f");
        assertThat(volume.lookup("/f").accessed()).isGreaterThan(before.accessed());
    }

    @Test
    void writesAndChangesOfNamesAreSyncedWhereThatIsWanted() throws FsException {
        long directory = volume.makeDirectory("/d", 0755);
        long file = volume.makeFile("/f", CONTENT);
        long open = volume.fs().open(Caller.ROOT, file, OpenFlags.READ_WRITE);
        int before = volume.journal().syncs();
        write(open, 0);
        volume.makeDirectory("/d/a", 0755);
        assertThat(volume.journal().syncs()).isEqualTo(before);
        set(file, SYNC);
        write(open, 0);
        assertThat(volume.journal().syncs()).isEqualTo(before + 1);
        set(directory, DIRECTORY_SYNC);
        volume.fs().rename(Caller.ROOT, directory, name("a"), directory, name("b"), 0);
        assertThat(volume.journal().syncs()).isEqualTo(before + 2);
        volume.fs().removeDirectory(Caller.ROOT, directory, name("b"));
        assertThat(volume.journal().syncs()).isEqualTo(before + 3);
        volume.fs().release(open);
    }
}
