package org.qsfs.fs.attr;

import static org.qsfs.fs.format.AccessList.GROUP;
import static org.qsfs.fs.format.AccessList.MASK;
import static org.qsfs.fs.format.AccessList.OTHER;
import static org.qsfs.fs.format.AccessList.OWNER;
import static org.qsfs.fs.format.AccessList.OWNING_GROUP;
import static org.qsfs.fs.format.AccessList.USER;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.AccessList;
import org.qsfs.fs.format.AccessList.Entry;
import org.qsfs.fs.format.InodeRow;

/**
 * The rules of POSIX access control lists (acl(5), Linux fs/posix_acl.c), and their form as an extended attribute
 * (linux/posix_acl_xattr.h), little endian:
 *
 * <pre>
 *   version u32 = 2, then for each entry: tag u16 | permissions u16 | id u32 (all ones where there is none)
 * </pre>
 */
public final class AccessLists {
    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;
    private static final int NO_ID = -1;
    private static final int RWX = 7;
    private static final int MODE_BITS = 0777;

    private AccessLists() {}

    /**
     * What a new inode in a directory with a default list gets.
     *
     * @param permissions of its mode
     * @param access its list; none where the mode says everything
     */
    public record Inherited(int permissions, AccessList access) {}

    static byte[] encode(AccessList list) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + list.entries().size() * ENTRY_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION);
        for (Entry entry : list.entries()) {
            bytes.putShort((short) entry.tag())
                    .putShort((short) entry.permissions())
                    .putInt(entry.isNamed() ? entry.id() : NO_ID);
        }
        return bytes.array();
    }

    /** The list of an attribute, {@link AccessList#NONE} when it has no entries; EINVAL, EOPNOTSUPP when it is none. */
    static AccessList decode(byte[] attribute) throws FsException {
        if (attribute.length == 0) {
            return AccessList.NONE;
        }
        if (attribute.length < HEADER_BYTES || (attribute.length - HEADER_BYTES) % ENTRY_BYTES != 0) {
            throw invalid("has " + attribute.length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(attribute).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt() != VERSION) {
            throw new FsException(Errno.EOPNOTSUPP, "version of an access control list");
        }
        List<Entry> entries = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int tag = bytes.getShort();
            int permissions = bytes.getShort();
            int id = bytes.getInt();
            entries.add(new Entry(tag, permissions, tag == USER || tag == GROUP ? id : 0));
        }
        AccessList list = new AccessList(entries);
        if (!list.isEmpty()) {
            requireValid(list);
        }
        return list;
    }

    /** One entry each for owner, owning group and others; a mask where somebody is named; in the order of tags. */
    private static void requireValid(AccessList list) throws FsException {
        int last = 0;
        int seen = 0;
        for (Entry entry : list.entries()) {
            boolean known = Integer.bitCount(entry.tag()) == 1 && entry.tag() > 0 && entry.tag() <= OTHER;
            boolean repeated = entry.tag() == last && !entry.isNamed();
            if (!known || entry.tag() < last || repeated || (entry.permissions() & ~RWX) != 0) {
                throw invalid(
                        "has an entry with tag %d and permissions %d".formatted(entry.tag(), entry.permissions()));
            }
            last = entry.tag();
            seen |= entry.tag();
        }
        int required = OWNER | OWNING_GROUP | OTHER | ((seen & (USER | GROUP)) != 0 ? MASK : 0);
        if ((seen & required) != required) {
            throw invalid("lacks an entry");
        }
    }

    private static FsException invalid(String found) {
        return new FsException(Errno.EINVAL, "an access control list " + found);
    }

    /** Whether a list says more than a mode can. */
    static boolean saysMoreThanMode(AccessList list) {
        return list.entries().stream().anyMatch(entry -> entry.isNamed() || entry.tag() == MASK);
    }

    /** The low nine bits of the mode that goes with a list. */
    static int mode(AccessList list) {
        return find(list, OWNER).permissions() << 6
                | groupClass(list).permissions() << 3
                | find(list, OTHER).permissions();
    }

    /** The list after chmod. */
    static AccessList withMode(AccessList list, int mode) {
        if (list.isEmpty()) {
            return list;
        }
        int group = groupClass(list).tag();
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : list.entries()) {
            int tag = entry.tag();
            entries.add(
                    tag == OWNER
                            ? entry.withPermissions(mode >> 6 & RWX)
                            : tag == group
                                    ? entry.withPermissions(mode >> 3 & RWX)
                                    : tag == OTHER ? entry.withPermissions(mode & RWX) : entry);
        }
        return new AccessList(entries);
    }

    /** What an inode gets that is made with a mode in a directory with a default list; the umask has no say. */
    public static Inherited inherit(AccessList defaults, int permissions) {
        int mode = (permissions & mode(defaults)) | (permissions & ~MODE_BITS);
        AccessList list = withMode(defaults, mode);
        return new Inherited(mode, saysMoreThanMode(list) ? list : AccessList.NONE);
    }

    /** Whether the list of an inode gives a caller all rights of {@code mask}. */
    static boolean allows(Caller caller, InodeRow row, int mask) {
        AccessList list = row.access();
        if (caller.uid() == row.uid()) {
            return (find(list, OWNER).permissions() & mask) == mask;
        }
        int bound = groupMask(list);
        boolean member = false;
        boolean allowed = false;
        for (Entry entry : list.entries()) {
            if (entry.tag() == USER && entry.id() == caller.uid()) {
                return (entry.permissions() & bound & mask) == mask;
            }
            boolean applies = (entry.tag() == OWNING_GROUP && caller.isMember(row.gid()))
                    || (entry.tag() == GROUP && caller.isMember(entry.id()));
            member |= applies;
            allowed |= applies && (entry.permissions() & bound & mask) == mask;
        }
        return member ? allowed : (find(list, OTHER).permissions() & mask) == mask;
    }

    private static int groupMask(AccessList list) {
        Entry mask = search(list, MASK);
        return mask == null ? RWX : mask.permissions();
    }

    /** The entry that the group bits of the mode stand for. */
    private static Entry groupClass(AccessList list) {
        Entry mask = search(list, MASK);
        return mask == null ? find(list, OWNING_GROUP) : mask;
    }

    private static Entry find(AccessList list, int tag) {
        Entry entry = search(list, tag);
        return entry == null ? new Entry(tag, 0, 0) : entry;
    }

    private static @Nullable Entry search(AccessList list, int tag) {
        for (Entry entry : list.entries()) {
            if (entry.tag() == tag) {
                return entry;
            }
        }
        return null;
    }
}
