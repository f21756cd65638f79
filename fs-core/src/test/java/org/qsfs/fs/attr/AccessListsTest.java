package org.qsfs.fs.attr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.Errors.assertFails;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.ALICE;
import static org.qsfs.fs.Volume.BOB;
import static org.qsfs.fs.Volume.name;
import static org.qsfs.fs.format.AccessList.GROUP;
import static org.qsfs.fs.format.AccessList.MASK;
import static org.qsfs.fs.format.AccessList.OTHER;
import static org.qsfs.fs.format.AccessList.OWNER;
import static org.qsfs.fs.format.AccessList.OWNING_GROUP;
import static org.qsfs.fs.format.AccessList.USER;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.TestVolume;
import org.qsfs.fs.format.AccessList;
import org.qsfs.fs.format.AccessList.Entry;

class AccessListsTest {
    private static final byte[] ACCESS = "system.posix_acl_access".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEFAULT = "system.posix_acl_default".getBytes(StandardCharsets.US_ASCII);
    private static final Caller CAROL = new Caller(1002, 1002, 1, Set.of(2000), 077);

    private final TestVolume volume = TestVolume.create();
    private long file;

    @BeforeEach
    void aFileOfAlice() throws FsException {
        volume.fs().setAttributes(Caller.ROOT, ROOT, SetAttributes.ofPermissions(0777));
        file = volume.fs()
                .makeNode(ALICE, ROOT, name("f"), FileType.REGULAR, 0640, 0)
                .inode();
    }

    @AfterEach
    void soundAndClosed() throws FsException {
        volume.assertSound();
        volume.close();
    }

    /** Tag, permissions and id of each entry. */
    private static byte[] list(int... fields) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < fields.length; i += 3) {
            entries.add(new Entry(fields[i], fields[i + 1], fields[i + 2]));
        }
        return AccessLists.encode(new AccessList(entries));
    }

    private static byte[] bobReads(int mask) {
        return list(OWNER, 6, 0, USER, 6, 1001, OWNING_GROUP, 0, 0, GROUP, 4, 2000, MASK, mask, 0, OTHER, 0, 0);
    }

    private void set(byte[] name, long inode, byte[] value) throws FsException {
        volume.fs().setExtendedAttribute(ALICE, inode, name, value, 0);
    }

    @Test
    void namedUsersAndGroupsHaveTheirRightsWithinTheMask() throws IOException {
        set(ACCESS, file, bobReads(4));
        volume.remount();
        volume.fs().access(BOB, file, Permissions.READ);
        volume.fs().access(CAROL, file, Permissions.READ);
        assertFails(Errno.EACCES, () -> volume.fs().access(BOB, file, Permissions.WRITE));
        assertFails(Errno.EACCES, () -> volume.fs().access(new Caller(7, 7, 1, Set.of(), 0), file, Permissions.READ));
        volume.fs().access(ALICE, file, Permissions.READ | Permissions.WRITE);
        set(ACCESS, file, bobReads(6));
        volume.fs().access(BOB, file, Permissions.READ | Permissions.WRITE);
        assertFails(Errno.EACCES, () -> volume.fs().access(CAROL, file, Permissions.WRITE));
    }

    @Test
    void theGroupBitsOfTheModeAreTheMask() throws FsException {
        set(ACCESS, file, bobReads(4));
        assertThat(volume.fs().getAttributes(file).permissions()).isEqualTo(0640);
        volume.fs().setAttributes(ALICE, file, SetAttributes.ofPermissions(0600));
        assertFails(Errno.EACCES, () -> volume.fs().access(BOB, file, Permissions.READ));
        volume.fs().setAttributes(ALICE, file, SetAttributes.ofPermissions(0660));
        volume.fs().access(BOB, file, Permissions.READ | Permissions.WRITE);
        assertThat(volume.fs().getExtendedAttribute(BOB, file, ACCESS)).isEqualTo(bobReads(6));
    }

    @Test
    void aListThatSaysNoMoreThanAModeIsAMode() throws FsException {
        set(ACCESS, file, list(OWNER, 7, 0, OWNING_GROUP, 5, 0, OTHER, 1, 0));
        assertThat(volume.fs().getAttributes(file).permissions()).isEqualTo(0751);
        assertFails(Errno.ENODATA, () -> volume.fs().getExtendedAttribute(ALICE, file, ACCESS));
        assertThat(volume.fs().listExtendedAttributes(ALICE, file)).isEmpty();
    }

    @Test
    void newInodesGetTheDefaultListAndNoUmask() throws FsException {
        long directory = volume.fs().makeDirectory(ALICE, ROOT, name("d"), 0777).inode();
        set(DEFAULT, directory, list(OWNER, 7, 0, USER, 7, 1001, OWNING_GROUP, 5, 0, MASK, 7, 0, OTHER, 0, 0));
        assertThat(volume.fs().listExtendedAttributes(ALICE, directory)).containsExactly(DEFAULT);
        Attributes made = volume.fs().makeNode(CAROL, directory, name("f"), FileType.REGULAR, 0664, 0);
        assertThat(made.permissions()).isEqualTo(0660);
        assertThat(volume.fs().getExtendedAttribute(CAROL, made.inode(), ACCESS))
                .isEqualTo(list(OWNER, 6, 0, USER, 7, 1001, OWNING_GROUP, 5, 0, MASK, 6, 0, OTHER, 0, 0));
        volume.fs().access(BOB, made.inode(), Permissions.READ | Permissions.WRITE);
        long below =
                volume.fs().makeDirectory(CAROL, directory, name("e"), 0777).inode();
        assertThat(volume.fs().getExtendedAttribute(CAROL, below, DEFAULT))
                .isEqualTo(volume.fs().getExtendedAttribute(ALICE, directory, DEFAULT));
        volume.fs().removeExtendedAttribute(CAROL, below, DEFAULT);
        assertThat(volume.fs()
                        .makeNode(CAROL, below, name("g"), FileType.REGULAR, 0664, 0)
                        .permissions())
                .isEqualTo(0600);
    }

    @Test
    void onlyOwnersSetListsAndOnlyRightOnes() throws FsException {
        assertFails(Errno.EPERM, () -> volume.fs().setExtendedAttribute(BOB, file, ACCESS, bobReads(7), 0));
        assertFails(Errno.EACCES, () -> set(DEFAULT, file, bobReads(7)));
        assertFails(Errno.EINVAL, () -> set(ACCESS, file, list(OWNER, 7, 0, OTHER, 0, 0)));
        assertFails(
                Errno.EINVAL, () -> set(ACCESS, file, list(OWNER, 7, 0, USER, 7, 5, OWNING_GROUP, 0, 0, OTHER, 0, 0)));
        assertFails(Errno.EINVAL, () -> set(ACCESS, file, list(OTHER, 7, 0, OWNER, 7, 5, OWNING_GROUP, 0, 0)));
        assertFails(Errno.EINVAL, () -> set(ACCESS, file, list(OWNER, 8, 0, OWNING_GROUP, 0, 0, OTHER, 0, 0)));
        assertFails(Errno.EINVAL, () -> set(ACCESS, file, new byte[] {2, 0, 0, 0, 1}));
        assertFails(Errno.EOPNOTSUPP, () -> set(ACCESS, file, new byte[] {1, 0, 0, 0}));
        long link = volume.fs()
                .makeSymlink(ALICE, ROOT, name("s"), new byte[] {'x'})
                .inode();
        assertFails(Errno.EOPNOTSUPP, () -> set(ACCESS, link, bobReads(7)));
    }
}
