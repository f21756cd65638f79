package org.qsfs.fs.attr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.ALICE;
import static org.qsfs.fs.Volume.BOB;
import static org.qsfs.fs.Volume.name;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.TestVolume;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.inode.AccessTimes;

class AttributesTest {
    private final TestVolume volume = TestVolume.create();
    private final QsfsFileSystem fs = volume.fs();
    private long file;

    @BeforeEach
    void aFileOfAlice() throws FsException {
        fs.setAttributes(Caller.ROOT, ROOT, SetAttributes.ofPermissions(0777));
        file = fs.makeNode(ALICE, ROOT, name("f"), FileType.REGULAR, 0644, 0).inode();
    }

    @AfterEach
    void soundAndClosed() throws FsException {
        volume.assertSound();
        volume.close();
    }

    private int permissions() throws FsException {
        return fs.getAttributes(file).permissions();
    }

    private void chmod(Caller caller, int permissions) throws FsException {
        fs.setAttributes(caller, file, SetAttributes.ofPermissions(permissions));
    }

    @Nested
    class Modes {
        @Test
        void onlyTheOwnerAndTheSuperuserChangeThem() throws FsException {
            assertFails(Errno.EPERM, () -> chmod(BOB, 0600));
            chmod(ALICE, 0600);
            assertThat(permissions()).isEqualTo(0600);
            chmod(Caller.ROOT, 04755);
            assertThat(permissions()).isEqualTo(04755);
        }

        @Test
        void setgidIsLostWhenTheOwnerIsNoMemberOfTheGroup() throws FsException {
            fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(null, 5));
            chmod(ALICE, 02755);
            assertThat(permissions()).isEqualTo(0755);
            fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(null, 2000));
            chmod(ALICE, 02755);
            assertThat(permissions())
                    .as("2000 is a supplementary group of Alice")
                    .isEqualTo(02755);
        }

        @Test
        void theFirstClassThatFitsDecides() throws FsException {
            chmod(ALICE, 0077);
            assertFails(Errno.EACCES, () -> fs.access(ALICE, file, Permissions.READ));
            fs.access(BOB, file, Permissions.READ | Permissions.WRITE | Permissions.EXECUTE);
            fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(0, 2000));
            chmod(Caller.ROOT, 0707);
            assertFails(Errno.EACCES, () -> fs.access(ALICE, file, Permissions.READ));
        }

        @Test
        void theSuperuserExecutesOnlyWhatSomebodyMayExecute() throws FsException {
            fs.access(Caller.ROOT, file, Permissions.READ | Permissions.WRITE);
            assertFails(Errno.EACCES, () -> fs.access(Caller.ROOT, file, Permissions.EXECUTE));
            chmod(ALICE, 0001);
            fs.access(Caller.ROOT, file, Permissions.EXECUTE);
        }
    }

    @Nested
    class Owners {
        @Test
        void onlyTheSuperuserGivesFilesAway() throws FsException {
            assertFails(Errno.EPERM, () -> fs.setAttributes(ALICE, file, SetAttributes.ofOwner(1001, null)));
            assertFails(Errno.EPERM, () -> fs.setAttributes(BOB, file, SetAttributes.ofOwner(1001, null)));
            assertThat(fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(1001, 1001))
                            .uid())
                    .isEqualTo(1001);
        }

        @Test
        void theOwnerChoosesAmongItsGroups() throws FsException {
            assertThat(fs.setAttributes(ALICE, file, SetAttributes.ofOwner(1000, 2000))
                            .gid())
                    .isEqualTo(2000);
            assertFails(Errno.EPERM, () -> fs.setAttributes(ALICE, file, SetAttributes.ofOwner(null, 1001)));
        }

        @Test
        void anotherOwnerTakesPrivilegesAwayFromFilesButNotFromDirectories() throws FsException {
            chmod(Caller.ROOT, 06755);
            assertThat(fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(1001, null))
                            .permissions())
                    .isEqualTo(0755);
            chmod(Caller.ROOT, 02644);
            assertThat(fs.setAttributes(Caller.ROOT, file, SetAttributes.ofOwner(1000, null))
                            .permissions())
                    .as("without group execute it is mandatory locking")
                    .isEqualTo(02644);
            long directory =
                    fs.makeDirectory(Caller.ROOT, ROOT, name("d"), 0755).inode();
            fs.setAttributes(Caller.ROOT, directory, SetAttributes.ofPermissions(06755));
            assertThat(fs.setAttributes(Caller.ROOT, directory, SetAttributes.ofOwner(1001, 1001))
                            .permissions())
                    .isEqualTo(06755);
        }

        @Test
        void aWriteOrTruncateOfSomebodyElseTakesPrivilegesAway() throws FsException {
            chmod(Caller.ROOT, 06777);
            long handle = fs.open(BOB, file, OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(new byte[1]));
            assertThat(permissions()).isEqualTo(0777);
            chmod(Caller.ROOT, 06777);
            fs.truncate(handle, 0);
            assertThat(permissions()).isEqualTo(0777);
            fs.release(handle);
            chmod(Caller.ROOT, 06777);
            fs.setAttributes(BOB, file, SetAttributes.ofSize(3));
            assertThat(permissions()).isEqualTo(0777);
            chmod(Caller.ROOT, 06777);
            fs.setAttributes(Caller.ROOT, file, SetAttributes.ofSize(4));
            assertThat(permissions()).isEqualTo(06777);
        }
    }

    @Nested
    class Times {
        private final Timestamp past = new Timestamp(-2_000_000_000L, 123_456_789);
        private final Timestamp future = new Timestamp(15_000_000_000L, 1);

        @Test
        void nanosecondsFrom1901To2446AreKept() throws IOException {
            fs.setAttributes(ALICE, file, SetAttributes.ofTimes(past, future));
            volume.remount();
            Attributes found = volume.lookup("/f");
            assertThat(found.accessed()).isEqualTo(past);
            assertThat(found.modified()).isEqualTo(future);
        }

        @Test
        void onlyTheOwnerSetsThemToAnythingButNow() throws FsException {
            assertFails(Errno.EPERM, () -> fs.setAttributes(BOB, file, SetAttributes.ofTimes(past, past)));
            SetAttributes now = new SetAttributes(null, null, null, null, null, null, true, true);
            SetAttributes one = new SetAttributes(null, null, null, null, null, null, true, false);
            assertFails(Errno.EACCES, () -> fs.setAttributes(BOB, file, now));
            chmod(ALICE, 0666);
            assertFails(Errno.EPERM, () -> fs.setAttributes(BOB, file, one));
            Timestamp before = fs.getAttributes(file).modified();
            assertThat(fs.setAttributes(BOB, file, now).modified()).isGreaterThan(before);
        }

        @Test
        void aTimeThatIsSetOutlivesBytesWrittenBefore() throws IOException {
            long handle = fs.open(ALICE, file, OpenFlags.READ_WRITE);
            fs.write(handle, 0, ByteBuffer.wrap(new byte[100]));
            fs.setAttributes(ALICE, file, SetAttributes.ofTimes(null, past));
            fs.release(handle);
            assertThat(fs.getAttributes(file).modified()).isEqualTo(past);
            assertThat(fs.getAttributes(file).size()).isEqualTo(100);
        }

        @Test
        void aWriteChangesTimesAndSizeAtOnceForEverybody() throws FsException {
            Attributes before = fs.getAttributes(file);
            long handle = fs.open(ALICE, file, OpenFlags.WRITE_ONLY);
            fs.write(handle, 50, ByteBuffer.wrap(new byte[50]));
            Attributes after = fs.getAttributes(file);
            assertThat(after.size()).isEqualTo(100);
            assertThat(after.modified()).isGreaterThan(before.modified());
            assertThat(after.changed()).isEqualTo(after.modified());
            fs.release(handle);
            assertThat(fs.getAttributes(file).modified()).isEqualTo(after.modified());
        }

        @Test
        void readingSetsTheAccessTimeWhenItIsOlderThanTheContentOrADay() throws IOException {
            volume.makeFile("/g", new byte[10]);
            Timestamp made = volume.lookup("/g").accessed();
            volume.content("/g");
            Timestamp first = volume.lookup("/g").accessed();
            assertThat(first).isGreaterThan(made);
            volume.content("/g");
            assertThat(volume.lookup("/g").accessed()).isEqualTo(first);
            volume.advance(Duration.ofHours(25));
            volume.content("/g");
            Timestamp second = volume.lookup("/g").accessed();
            assertThat(second).isGreaterThan(first);
            volume.remount();
            assertThat(volume.lookup("/g").accessed()).isEqualTo(second);
        }

        @Test
        void withoutAccessTimesReadingChangesNothing() throws IOException {
            volume.remount(TestVolume.quiet().withAccessTimes(AccessTimes.Policy.NOATIME));
            volume.makeFile("/g", new byte[10]);
            Timestamp made = volume.lookup("/g").accessed();
            volume.content("/g");
            assertThat(volume.lookup("/g").accessed()).isEqualTo(made);
        }
    }

    @Nested
    class Sizes {
        @Test
        void onlyFilesHaveASizeThatCanBeSet() throws FsException {
            assertFails(Errno.EISDIR, () -> fs.setAttributes(Caller.ROOT, ROOT, SetAttributes.ofSize(0)));
            long fifo =
                    fs.makeNode(ALICE, ROOT, name("p"), FileType.FIFO, 0644, 0).inode();
            assertFails(Errno.EINVAL, () -> fs.setAttributes(ALICE, fifo, SetAttributes.ofSize(0)));
            assertFails(Errno.EINVAL, () -> fs.setAttributes(ALICE, file, SetAttributes.ofSize(-1)));
            assertFails(Errno.EACCES, () -> fs.setAttributes(BOB, file, SetAttributes.ofSize(0)));
        }

        @Test
        void aFileMayBeAsLongAsAnOffsetCanSay() throws FsException {
            fs.setAttributes(ALICE, file, SetAttributes.ofSize(Long.MAX_VALUE));
            long handle = fs.open(ALICE, file, OpenFlags.READ_WRITE);
            fs.write(handle, Long.MAX_VALUE - 3, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(volume.read(handle, Long.MAX_VALUE - 5, 5)).containsExactly(0, 0, 1, 2, 3);
            assertFails(
                    Errno.EFBIG, () -> fs.write(handle, Long.MAX_VALUE - 3, ByteBuffer.wrap(new byte[] {1, 2, 3, 4})));
            fs.fsync(handle, false);
            assertThat(fs.seek(handle, 0, 3)).isEqualTo(Long.MAX_VALUE & -4_096L);
            assertThat(volume.read(handle, Long.MAX_VALUE - 5, 5)).containsExactly(0, 0, 1, 2, 3);
            fs.truncate(handle, 0);
            fs.release(handle);
            assertThat(fs.getAttributes(file).blocks()).isZero();
        }
    }

    @Nested
    class Extended {
        private final byte[] user = "user.comment".getBytes(StandardCharsets.US_ASCII);
        private final byte[] trusted = "trusted.x".getBytes(StandardCharsets.US_ASCII);
        private final byte[] security = "security.capability".getBytes(StandardCharsets.US_ASCII);

        @Test
        void theyAreSetReadListedAndRemoved() throws IOException {
            byte[] value = new byte[65_536];
            value[7] = 1;
            fs.setExtendedAttribute(ALICE, file, user, value, 0);
            volume.remount();
            QsfsFileSystem again = volume.fs();
            assertThat(again.getExtendedAttribute(ALICE, file, user)).isEqualTo(value);
            assertThat(again.listExtendedAttributes(ALICE, file)).containsExactly(user);
            again.removeExtendedAttribute(ALICE, file, user);
            assertFails(Errno.ENODATA, () -> again.getExtendedAttribute(ALICE, file, user));
            assertFails(Errno.ENODATA, () -> again.removeExtendedAttribute(ALICE, file, user));
        }

        @Test
        void createAndReplaceMeanWhatTheySay() throws FsException {
            assertFails(
                    Errno.ENODATA,
                    () -> fs.setExtendedAttribute(ALICE, file, user, new byte[1], ExtendedAttributes.REPLACE));
            fs.setExtendedAttribute(ALICE, file, user, new byte[1], ExtendedAttributes.CREATE);
            assertFails(
                    Errno.EEXIST,
                    () -> fs.setExtendedAttribute(ALICE, file, user, new byte[1], ExtendedAttributes.CREATE));
        }

        @Test
        void namespacesHaveTheirRules() throws FsException {
            assertFails(Errno.EACCES, () -> fs.setExtendedAttribute(BOB, file, user, new byte[1], 0));
            assertFails(Errno.EPERM, () -> fs.setExtendedAttribute(ALICE, file, trusted, new byte[1], 0));
            assertFails(Errno.EPERM, () -> fs.setExtendedAttribute(ALICE, file, security, new byte[1], 0));
            fs.setExtendedAttribute(Caller.ROOT, file, trusted, new byte[1], 0);
            fs.setExtendedAttribute(Caller.ROOT, file, security, new byte[] {5}, 0);
            assertFails(Errno.ENODATA, () -> fs.getExtendedAttribute(ALICE, file, trusted));
            assertThat(fs.getExtendedAttribute(BOB, file, security)).containsExactly(5);
            assertThat(fs.listExtendedAttributes(ALICE, file)).containsExactly(security);
            byte[] unknown = "unknown.x".getBytes(StandardCharsets.US_ASCII);
            assertFails(Errno.EOPNOTSUPP, () -> fs.setExtendedAttribute(Caller.ROOT, file, unknown, new byte[1], 0));
            long link = fs.makeSymlink(ALICE, ROOT, name("s"), new byte[] {'f'}).inode();
            assertFails(Errno.EPERM, () -> fs.setExtendedAttribute(ALICE, link, user, new byte[1], 0));
            assertFails(Errno.ERANGE, () -> fs.setExtendedAttribute(ALICE, file, user, new byte[65_537], 0));
        }
    }
}
