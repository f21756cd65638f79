package org.qsfs.fs.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.RENAME_EXCHANGE;
import static org.qsfs.fs.FileSystem.RENAME_NOREPLACE;
import static org.qsfs.fs.FileSystem.RENAME_WHITEOUT;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.ALICE;
import static org.qsfs.fs.Volume.BOB;
import static org.qsfs.fs.Volume.name;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.TestVolume;

class NamesTest {
    private static final byte[] NOTHING = {};

    private final TestVolume volume = TestVolume.create();
    private final QsfsFileSystem fs = volume.fs();

    @AfterEach
    void soundAndClosed() throws FsException {
        volume.assertSound();
        volume.close();
    }

    private void rename(String from, String to, int flags) throws FsException {
        fs.rename(Caller.ROOT, volume.parent(from), volume.leaf(from), volume.parent(to), volume.leaf(to), flags);
    }

    private void unlink(String path) throws FsException {
        fs.unlink(Caller.ROOT, volume.parent(path), volume.leaf(path));
    }

    private void removeDirectory(String path) throws FsException {
        fs.removeDirectory(Caller.ROOT, volume.parent(path), volume.leaf(path));
    }

    private void makePublic(String path) throws FsException {
        fs.setAttributes(Caller.ROOT, volume.inode(path), org.qsfs.fs.SetAttributes.ofPermissions(01777));
    }

    @Nested
    class Creating {
        @Test
        void aNewVolumeHasAnEmptyRootThatIsItsOwnParent() throws FsException {
            Attributes root = fs.getAttributes(ROOT);
            assertThat(root.type()).isEqualTo(FileType.DIRECTORY);
            assertThat(root.links()).isEqualTo(2);
            assertThat(fs.parent(ROOT)).isEqualTo(ROOT);
            assertThat(volume.names("/")).isEmpty();
        }

        @Test
        void aNewInodeBelongsToItsMakerAndHasThreeEqualTimes() throws FsException {
            makePublic("/");
            Attributes made = fs.makeNode(ALICE, ROOT, name("f"), FileType.REGULAR, 0640, 0);
            assertThat(made.uid()).isEqualTo(1000);
            assertThat(made.gid()).isEqualTo(1000);
            assertThat(made.mode()).isEqualTo(0100640);
            assertThat(made.links()).isEqualTo(1);
            assertThat(made.accessed()).isEqualTo(made.modified()).isEqualTo(made.changed());
        }

        @Test
        void theUmaskTakesBitsFromFilesAndDirectoriesButNotFromSymlinks() throws FsException {
            Caller strict = new Caller(0, 0, 1, Set.of(), 077);
            assertThat(fs.makeDirectory(strict, ROOT, name("d"), 0777).permissions())
                    .isEqualTo(0700);
            assertThat(fs.makeNode(strict, ROOT, name("f"), FileType.FIFO, 0666, 0)
                            .permissions())
                    .isEqualTo(0600);
            assertThat(fs.makeSymlink(strict, ROOT, name("s"), new byte[] {'x'}).permissions())
                    .isEqualTo(0777);
        }

        @Test
        void aNameChangesTheTimesOfItsDirectory() throws FsException {
            Attributes before = fs.getAttributes(ROOT);
            volume.makeFile("/f", NOTHING);
            Attributes after = fs.getAttributes(ROOT);
            assertThat(after.modified()).isGreaterThan(before.modified());
            assertThat(after.changed()).isEqualTo(after.modified());
        }

        @Test
        void aSubdirectoryIsALinkOfItsParent() throws FsException {
            volume.makeDirectory("/d", 0755);
            volume.makeDirectory("/d/e", 0755);
            assertThat(volume.lookup("/d").links()).isEqualTo(3);
            assertThat(fs.parent(volume.inode("/d/e"))).isEqualTo(volume.inode("/d"));
            removeDirectory("/d/e");
            assertThat(volume.lookup("/d").links()).isEqualTo(2);
        }

        @Test
        void aNameThatExistsIsRefusedEvenWhereTheCallerMayNotWrite() throws FsException {
            volume.makeFile("/f", NOTHING);
            assertFails(Errno.EEXIST, () -> fs.makeDirectory(ALICE, ROOT, name("f"), 0755));
            assertFails(Errno.EACCES, () -> fs.makeDirectory(ALICE, ROOT, name("g"), 0755));
        }

        @Test
        void inASetgidDirectoryTheGroupIsInheritedAndDirectoriesStaySetgid() throws FsException {
            volume.makeDirectory("/d", 0755);
            long directory = volume.inode("/d");
            fs.setAttributes(Caller.ROOT, directory, org.qsfs.fs.SetAttributes.ofOwner(null, 2000));
            fs.setAttributes(Caller.ROOT, directory, org.qsfs.fs.SetAttributes.ofPermissions(02777));
            assertThat(fs.makeNode(BOB, directory, name("f"), FileType.REGULAR, 0644, 0)
                            .gid())
                    .isEqualTo(2000);
            Attributes made = fs.makeDirectory(BOB, directory, name("e"), 0755);
            assertThat(made.gid()).isEqualTo(2000);
            assertThat(made.permissions()).isEqualTo(02755);
            Attributes program = fs.makeNode(BOB, directory, name("p"), FileType.REGULAR, 02755, 0);
            assertThat(program.permissions())
                    .as("Bob is no member of the group")
                    .isEqualTo(0755);
        }

        @Test
        void onlyTheSuperuserMakesDevices() throws FsException {
            makePublic("/");
            assertFails(Errno.EPERM, () -> fs.makeNode(ALICE, ROOT, name("n"), FileType.CHARACTER_DEVICE, 0666, 0x103));
            assertThat(fs.makeNode(Caller.ROOT, ROOT, name("n"), FileType.CHARACTER_DEVICE, 0666, 0x103)
                            .device())
                    .isEqualTo(0x103);
        }

        @Test
        void namesAndTargetsHaveLimits() throws FsException {
            String longest = "x".repeat(255);
            volume.makeFile("/" + longest, NOTHING);
            assertThat(volume.names("/")).containsExactly(longest);
            assertFails(Errno.ENAMETOOLONG, () -> name("x".repeat(256)));
            assertFails(Errno.ENAMETOOLONG, () -> fs.makeSymlink(Caller.ROOT, ROOT, name("s"), new byte[4096]));
            byte[] target = "t".repeat(4095).getBytes(StandardCharsets.US_ASCII);
            Attributes made = fs.makeSymlink(Caller.ROOT, ROOT, name("s"), target);
            assertThat(fs.readSymlink(made.inode())).isEqualTo(target);
            assertThat(made.size()).isEqualTo(4095);
        }

        @Test
        void namesAreBytesInAnyEncoding() throws FsException {
            FileName odd = FileName.of(new byte[] {(byte) 0xff, (byte) 0xc3, 1});
            long inode = fs.makeDirectory(Caller.ROOT, ROOT, odd, 0755).inode();
            assertThat(fs.lookup(Caller.ROOT, ROOT, odd).inode()).isEqualTo(inode);
        }

        @Test
        void nothingIsMadeInARemovedDirectory() throws FsException {
            volume.makeDirectory("/d", 0755);
            long directory = fs.lookup(Caller.ROOT, ROOT, name("d")).inode();
            removeDirectory("/d");
            assertThat(fs.getAttributes(directory).links()).isZero();
            assertFails(Errno.ENOENT, () -> fs.makeDirectory(Caller.ROOT, directory, name("e"), 0755));
            fs.forget(directory, 1);
        }

        @Test
        void creatingAnExistingFileOpensItUnlessExclusive() throws FsException {
            long inode = volume.makeFile("/f", new byte[] {1, 2, 3});
            FileSystem.Created again =
                    fs.create(Caller.ROOT, ROOT, name("f"), 0600, OpenFlags.READ_WRITE | OpenFlags.TRUNCATE);
            assertThat(again.attributes().inode()).isEqualTo(inode);
            assertThat(again.attributes().size()).isZero();
            fs.release(again.handle());
            assertFails(Errno.EEXIST, () -> fs.create(Caller.ROOT, ROOT, name("f"), 0600, OpenFlags.EXCLUSIVE));
            volume.makeDirectory("/d", 0755);
            assertFails(Errno.EISDIR, () -> fs.create(Caller.ROOT, ROOT, name("d"), 0600, OpenFlags.READ_WRITE));
        }

        @Test
        void whoMakesAReadOnlyFileMayWriteIt() throws FsException {
            makePublic("/");
            FileSystem.Created created = fs.create(ALICE, ROOT, name("f"), 0400, OpenFlags.READ_WRITE);
            assertThat(fs.write(created.handle(), 0, java.nio.ByteBuffer.wrap(new byte[10])))
                    .isEqualTo(10);
            assertThat(fs.truncate(created.handle(), 5).size()).isEqualTo(5);
            fs.release(created.handle());
            long inode = created.attributes().inode();
            assertFails(Errno.EACCES, () -> fs.open(ALICE, inode, OpenFlags.WRITE_ONLY));
            assertFails(Errno.EACCES, () -> fs.setAttributes(ALICE, inode, org.qsfs.fs.SetAttributes.ofSize(0)));
        }
    }

    @Nested
    class Linking {
        @Test
        void aHardLinkIsTheSameInodeWithOneLinkMore() throws FsException {
            long inode = volume.makeFile("/f", new byte[] {7});
            Attributes before = volume.lookup("/f");
            Attributes linked = fs.link(Caller.ROOT, inode, ROOT, name("g"));
            assertThat(linked.links()).isEqualTo(2);
            assertThat(linked.changed()).isGreaterThan(before.changed());
            assertThat(linked.modified()).isEqualTo(before.modified());
            unlink("/f");
            assertThat(volume.content("/g")).containsExactly(7);
            assertThat(volume.lookup("/g").links()).isEqualTo(1);
        }

        @Test
        void directoriesAreNotLinked() throws FsException {
            long inode = volume.makeDirectory("/d", 0755);
            assertFails(Errno.EPERM, () -> fs.link(Caller.ROOT, inode, ROOT, name("e")));
        }

        @Test
        void theKindsOfRemovalDoNotMix() throws FsException {
            volume.makeDirectory("/d", 0755);
            volume.makeFile("/d/f", NOTHING);
            assertFails(Errno.EISDIR, () -> unlink("/d"));
            assertFails(Errno.ENOTDIR, () -> removeDirectory("/d/f"));
            assertFails(Errno.ENOTEMPTY, () -> removeDirectory("/d"));
            assertFails(Errno.ENOENT, () -> unlink("/nothing"));
            assertFails(Errno.ENOTDIR, () -> fs.unlink(Caller.ROOT, volume.inode("/d/f"), name("x")));
        }

        @Test
        void anOpenFileOutlivesItsLastName() throws FsException {
            long inode = volume.makeFile("/f", new byte[] {1, 2, 3});
            long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_WRITE);
            unlink("/f");
            assertThat(fs.getAttributes(inode).links()).isZero();
            fs.write(handle, 3, java.nio.ByteBuffer.wrap(new byte[] {4}));
            assertThat(volume.read(handle, 0, 10)).containsExactly(1, 2, 3, 4);
            assertFails(Errno.ENOENT, () -> fs.link(Caller.ROOT, inode, ROOT, name("again")));
            fs.release(handle);
        }

        @Test
        void inAStickyDirectoryOnlyOwnersRemove() throws FsException {
            volume.makeDirectory("/tmp", 0755);
            makePublic("/tmp");
            long tmp = volume.inode("/tmp");
            fs.makeNode(ALICE, tmp, name("a"), FileType.REGULAR, 0666, 0);
            assertFails(Errno.EPERM, () -> fs.unlink(BOB, tmp, name("a")));
            assertFails(Errno.EPERM, () -> fs.rename(BOB, tmp, name("a"), tmp, name("b"), 0));
            fs.makeNode(BOB, tmp, name("b"), FileType.REGULAR, 0666, 0);
            assertFails(Errno.EPERM, () -> fs.rename(BOB, tmp, name("b"), tmp, name("a"), 0));
            fs.unlink(ALICE, tmp, name("a"));
            assertThat(volume.names("/tmp")).containsExactly("b");
        }

        @Test
        void searchingNeedsExecuteAndChangingNeedsWrite() throws FsException {
            volume.makeDirectory("/d", 0711);
            volume.makeFile("/d/f", NOTHING);
            long directory = volume.inode("/d");
            assertThat(fs.lookup(ALICE, directory, name("f")).size()).isZero();
            assertFails(Errno.EACCES, () -> fs.openDirectory(ALICE, directory));
            assertFails(Errno.EACCES, () -> fs.unlink(ALICE, directory, name("f")));
            fs.setAttributes(Caller.ROOT, directory, org.qsfs.fs.SetAttributes.ofPermissions(0744));
            assertFails(Errno.EACCES, () -> fs.lookup(ALICE, directory, name("f")));
            fs.releaseDirectory(fs.openDirectory(ALICE, directory));
        }
    }

    @Nested
    class Renaming {
        @Test
        void aFileReplacesAFileAndTheReplacedOneLosesALink() throws FsException {
            volume.makeFile("/a", new byte[] {1});
            long replaced = volume.makeFile("/b", new byte[] {2});
            fs.link(Caller.ROOT, replaced, ROOT, name("c"));
            Attributes before = volume.lookup("/a");
            rename("/a", "/b", 0);
            assertThat(volume.names("/")).containsExactly("b", "c");
            assertThat(volume.content("/b")).containsExactly(1);
            assertThat(volume.lookup("/c").links()).isEqualTo(1);
            assertThat(volume.lookup("/b").changed()).isGreaterThan(before.changed());
        }

        @Test
        void twoNamesOfOneInodeStay() throws FsException {
            long inode = volume.makeFile("/a", NOTHING);
            fs.link(Caller.ROOT, inode, ROOT, name("b"));
            rename("/a", "/b", 0);
            assertThat(volume.names("/")).containsExactly("a", "b");
        }

        @Test
        void aDirectoryMovesWithItsParentPointerAndLinks() throws FsException {
            volume.makeDirectory("/a", 0755);
            volume.makeDirectory("/b", 0755);
            volume.makeDirectory("/a/d", 0755);
            rename("/a/d", "/b/e", 0);
            assertThat(volume.lookup("/a").links()).isEqualTo(2);
            assertThat(volume.lookup("/b").links()).isEqualTo(3);
            assertThat(fs.parent(volume.inode("/b/e"))).isEqualTo(volume.inode("/b"));
        }

        @Test
        void aDirectoryReplacesOnlyAnEmptyDirectory() throws FsException {
            volume.makeDirectory("/a", 0755);
            volume.makeDirectory("/b", 0755);
            volume.makeFile("/b/f", NOTHING);
            volume.makeFile("/f", NOTHING);
            assertFails(Errno.ENOTEMPTY, () -> rename("/a", "/b", 0));
            assertFails(Errno.ENOTDIR, () -> rename("/a", "/f", 0));
            assertFails(Errno.EISDIR, () -> rename("/f", "/a", 0));
            unlink("/b/f");
            rename("/a", "/b", 0);
            assertThat(fs.getAttributes(ROOT).links()).isEqualTo(3);
        }

        @Test
        void aDirectoryDoesNotMoveBelowItself() throws FsException {
            volume.makeDirectory("/a", 0755);
            volume.makeDirectory("/a/b", 0755);
            volume.makeDirectory("/a/b/c", 0755);
            assertFails(Errno.EINVAL, () -> rename("/a", "/a/x", 0));
            assertFails(Errno.EINVAL, () -> rename("/a", "/a/b/c/x", 0));
            assertFails(Errno.EINVAL, () -> rename("/a/b/c", "/a", RENAME_EXCHANGE));
            assertFails(Errno.ENOTEMPTY, () -> rename("/a/b/c", "/a", 0));
        }

        @Test
        void theFlagsProtectAndExchange() throws FsException {
            volume.makeFile("/f", new byte[] {1});
            volume.makeDirectory("/d", 0755);
            volume.makeDirectory("/d/e", 0755);
            assertFails(Errno.EEXIST, () -> rename("/f", "/d", RENAME_NOREPLACE));
            assertFails(Errno.ENOENT, () -> rename("/f", "/nothing", RENAME_EXCHANGE));
            assertFails(Errno.EINVAL, () -> rename("/f", "/d", RENAME_NOREPLACE | RENAME_EXCHANGE));
            assertFails(Errno.EINVAL, () -> rename("/f", "/d", 8));
            rename("/f", "/d/e", RENAME_EXCHANGE);
            assertThat(volume.content("/d/e")).containsExactly(1);
            assertThat(volume.lookup("/f").isDirectory()).isTrue();
            assertThat(volume.lookup("/d").links()).isEqualTo(2);
            assertThat(fs.parent(volume.inode("/f"))).isEqualTo(ROOT);
        }

        @Test
        void aWhiteoutTakesThePlaceInTheListingThatTheMovedNameHad() throws IOException {
            volume.makeFile("/a", new byte[] {1});
            volume.makeDirectory("/d", 0755);
            volume.makeFile("/e", NOTHING);
            rename("/a", "/d/a", RENAME_WHITEOUT);
            rename("/d", "/c", RENAME_WHITEOUT | RENAME_NOREPLACE);
            assertThat(volume.names("/")).containsExactly("a", "d", "e", "c");
            assertThat(volume.content("/c/a")).containsExactly(1);
            for (String whiteout : List.of("/a", "/d")) {
                Attributes left = volume.lookup(whiteout);
                assertThat(left.type()).isEqualTo(FileType.CHARACTER_DEVICE);
                assertThat(left.device()).isZero();
                assertThat(left.permissions()).isZero();
            }
            assertFails(Errno.EEXIST, () -> rename("/e", "/a", RENAME_WHITEOUT | RENAME_NOREPLACE));
            assertFails(Errno.EINVAL, () -> rename("/e", "/a", RENAME_WHITEOUT | RENAME_EXCHANGE));
            volume.remount();
            assertThat(volume.lookup("/a").type()).isEqualTo(FileType.CHARACTER_DEVICE);
        }

        @Test
        void movingADirectoryElsewhereNeedsTheRightToWriteIt() throws FsException {
            makePublic("/");
            volume.makeDirectory("/to", 0777);
            fs.setAttributes(Caller.ROOT, volume.inode("/to"), org.qsfs.fs.SetAttributes.ofPermissions(0777));
            fs.makeDirectory(ALICE, ROOT, name("d"), 0555);
            long to = volume.inode("/to");
            assertFails(Errno.EACCES, () -> fs.rename(ALICE, ROOT, name("d"), to, name("d"), 0));
            fs.rename(ALICE, ROOT, name("d"), ROOT, name("e"), 0);
            assertThat(volume.names("/")).contains("e");
        }
    }

    @Nested
    class ListingDirectories {
        @Test
        void aListingGoesOnBehindACookieWhateverCameAndWent() throws FsException {
            for (int i = 0; i < 20; i++) {
                volume.makeFile("/f" + i, NOTHING);
            }
            long handle = fs.openDirectory(Caller.ROOT, ROOT);
            List<String> seen = new ArrayList<>();
            List<DirectoryEntry> part = fs.readDirectory(handle, 0, 5);
            int step = 0;
            while (!part.isEmpty()) {
                part.forEach(entry -> seen.add(entry.name().toString()));
                if (step < 5) {
                    unlink("/f" + step);
                    unlink("/f" + (19 - step));
                    rename("/f10", "/f9", RENAME_EXCHANGE);
                    volume.makeFile("/new" + step, NOTHING);
                    step++;
                }
                part = fs.readDirectory(handle, part.getLast().cookie(), 5);
            }
            fs.releaseDirectory(handle);
            assertThat(seen).doesNotHaveDuplicates();
            Set<String> stayed = new HashSet<>();
            for (int i = step; i < 20 - step; i++) {
                stayed.add("f" + i);
            }
            assertThat(seen).containsAll(stayed);
        }

        @Test
        void aReplacedNameKeepsItsPlace() throws FsException {
            volume.makeFile("/a", NOTHING);
            volume.makeFile("/b", NOTHING);
            volume.makeFile("/c", NOTHING);
            rename("/c", "/a", 0);
            assertThat(volume.names("/")).containsExactly("a", "b");
        }

        @Test
        void cookiesBeginAtThreeAndAreNotUsedTwice() throws FsException {
            volume.makeFile("/a", NOTHING);
            unlink("/a");
            volume.makeFile("/b", NOTHING);
            long handle = fs.openDirectory(Caller.ROOT, ROOT);
            assertThat(fs.readDirectory(handle, 0, 10))
                    .extracting(DirectoryEntry::cookie)
                    .containsExactly(4L);
            fs.releaseDirectory(handle);
        }

        @Test
        void aDirectoryHandleIsNoFileHandle() throws FsException {
            long directory = fs.openDirectory(Caller.ROOT, ROOT);
            long inode = volume.makeFile("/f", NOTHING);
            long file = fs.open(Caller.ROOT, inode, OpenFlags.READ_ONLY);
            assertFails(Errno.EBADF, () -> fs.readDirectory(file, 0, 1));
            assertFails(Errno.EBADF, () -> fs.read(directory, 0, java.nio.ByteBuffer.allocate(1)));
            assertFails(Errno.ENOTDIR, () -> fs.openDirectory(Caller.ROOT, inode));
            fs.release(file);
            fs.releaseDirectory(directory);
            assertFails(Errno.EBADF, () -> fs.readDirectory(directory, 0, 1));
        }
    }
}
