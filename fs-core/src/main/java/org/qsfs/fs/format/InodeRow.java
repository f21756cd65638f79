package org.qsfs.fs.format;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.Timestamp;

/**
 * Everything about an inode but its names, extents and extended attributes.
 *
 * <pre>
 *   version u8 = 1
 *   mode varint                  type and permissions as in st_mode
 *   links, uid, gid varint
 *   size varint                  bytes; for a symbolic link the length of the target
 *   allocated varint             bytes that extents or {@link Preallocation} cover
 *   device varint
 *   accessed, modified, changed, created   time
 *   attributes varint            how many extended attributes there are
 *   access list, default list    {@link AccessList}
 *   only a directory:
 *   parent varint                inode of the parent, the root's is the root
 *   next cookie varint           of its next entry
 *   only a symbolic link:
 *   target                       size bytes
 *   only where there are any, or a preallocation:
 *   flags varint                 {@link org.qsfs.fs.InodeFlags}
 *   only where there is any:
 *   preallocation                {@link Preallocation}
 * </pre>
 *
 * @param links number of names; of a directory 2 plus its sub-directories; 0 when it has no name any more
 * @param access rights beside the permissions
 * @param defaults of a directory: what new inodes in it get
 * @param target of a symbolic link, one byte per character (ISO 8859-1), else empty
 * @param flags {@link InodeFlags}; rows of before there were any have none
 * @param preallocation of a regular file
 */
public record InodeRow(
        long inode,
        FileType type,
        int permissions,
        int links,
        int uid,
        int gid,
        long size,
        long allocated,
        int device,
        Times times,
        int attributeCount,
        AccessList access,
        AccessList defaults,
        long parent,
        long nextCookie,
        String target,
        int flags,
        Preallocation preallocation) {

    private static final int VERSION = 1;
    private static final int PERMISSION_BITS = 07777;
    private static final int STAT_BLOCK = 512;

    /** @param created birth time, never changes */
    public record Times(Timestamp accessed, Timestamp modified, Timestamp changed, Timestamp created) {
        public static Times at(Timestamp now) {
            return new Times(now, now, now, now);
        }

        public Times withAccessed(Timestamp time) {
            return new Times(time, modified, changed, created);
        }

        public Times withModified(Timestamp time) {
            return new Times(accessed, time, changed, created);
        }

        public Times withChanged(Timestamp time) {
            return new Times(accessed, modified, time, created);
        }
    }

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    public boolean isRegular() {
        return type == FileType.REGULAR;
    }

    public boolean isImmutable() {
        return has(InodeFlags.IMMUTABLE);
    }

    public boolean isAppendOnly() {
        return has(InodeFlags.APPEND_ONLY);
    }

    /** Whether the inode has one of these {@link InodeFlags}. */
    public boolean has(int anyOf) {
        return (flags & anyOf) != 0;
    }

    public byte[] targetBytes() {
        return target.getBytes(StandardCharsets.ISO_8859_1);
    }

    public Attributes attributes() {
        return new Attributes(
                inode,
                type,
                permissions,
                links,
                uid,
                gid,
                size,
                (allocated + STAT_BLOCK - 1) / STAT_BLOCK,
                device,
                times.accessed(),
                times.modified(),
                times.changed(),
                times.created());
    }

    /** The fields as variables: what a record that differs in a few is made from. */
    private static final class Draft {
        private final long inode;
        private final FileType type;
        private int permissions;
        private int links;
        private int uid;
        private int gid;
        private long size;
        private long allocated;
        private final int device;
        private Times times;
        private int attributeCount;
        private AccessList access;
        private AccessList defaults;
        private long parent;
        private long nextCookie;
        private final String target;
        private int flags;
        private Preallocation preallocation;

        private Draft(InodeRow row) {
            inode = row.inode;
            type = row.type;
            permissions = row.permissions;
            links = row.links;
            uid = row.uid;
            gid = row.gid;
            size = row.size;
            allocated = row.allocated;
            device = row.device;
            times = row.times;
            attributeCount = row.attributeCount;
            access = row.access;
            defaults = row.defaults;
            parent = row.parent;
            nextCookie = row.nextCookie;
            target = row.target;
            flags = row.flags;
            preallocation = row.preallocation;
        }

        private InodeRow row() {
            return new InodeRow(
                    inode,
                    type,
                    permissions,
                    links,
                    uid,
                    gid,
                    size,
                    allocated,
                    device,
                    times,
                    attributeCount,
                    access,
                    defaults,
                    parent,
                    nextCookie,
                    target,
                    flags,
                    preallocation);
        }
    }

    private InodeRow with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.row();
    }

    public InodeRow withPermissions(int bits) {
        return with(draft -> draft.permissions = bits);
    }

    public InodeRow withLinks(int count) {
        return with(draft -> draft.links = count);
    }

    public InodeRow withOwner(int newUid, int newGid) {
        return with(draft -> {
            draft.uid = newUid;
            draft.gid = newGid;
        });
    }

    public InodeRow withSize(long bytes, long allocatedBytes) {
        return with(draft -> {
            draft.size = bytes;
            draft.allocated = allocatedBytes;
        });
    }

    public InodeRow withTimes(Times newTimes) {
        return with(draft -> draft.times = newTimes);
    }

    /** Content has changed: both times. */
    public InodeRow modifiedAt(Timestamp now) {
        return withTimes(times.withModified(now).withChanged(now));
    }

    /** Only attributes have changed. */
    public InodeRow changedAt(Timestamp now) {
        return withTimes(times.withChanged(now));
    }

    public InodeRow withAttributeCount(int count) {
        return with(draft -> draft.attributeCount = count);
    }

    public InodeRow withParent(long directory) {
        return with(draft -> draft.parent = directory);
    }

    public InodeRow withNextCookie(long cookie) {
        return with(draft -> draft.nextCookie = cookie);
    }

    /** Other rights, of which the permissions are a part. */
    public InodeRow withAccess(AccessList list) {
        return with(draft -> draft.access = list);
    }

    public InodeRow withDefaults(AccessList list) {
        return with(draft -> draft.defaults = list);
    }

    public InodeRow withFlags(int newFlags) {
        return with(draft -> draft.flags = newFlags);
    }

    public InodeRow withPreallocation(Preallocation ranges) {
        return with(draft -> draft.preallocation = ranges);
    }

    public byte[] encode() {
        RowWriter writer = new RowWriter()
                .u8(VERSION)
                .varint(type.mode() | permissions)
                .varint(Integer.toUnsignedLong(links))
                .varint(Integer.toUnsignedLong(uid))
                .varint(Integer.toUnsignedLong(gid))
                .varint(size)
                .varint(allocated)
                .varint(Integer.toUnsignedLong(device))
                .time(times.accessed())
                .time(times.modified())
                .time(times.changed())
                .time(times.created())
                .varint(attributeCount);
        access.write(writer);
        defaults.write(writer);
        if (isDirectory()) {
            writer.varint(parent).varint(nextCookie);
        } else if (type == FileType.SYMLINK) {
            writer.bytes(targetBytes());
        }
        if (flags != 0 || !preallocation.isEmpty()) {
            writer.varint(Integer.toUnsignedLong(flags));
        }
        if (!preallocation.isEmpty()) {
            preallocation.write(writer);
        }
        return writer.toBytes();
    }

    public static InodeRow decode(long inode, byte[] value) throws FsException {
        RowParser parser = new RowParser("inode " + inode, value).version(VERSION);
        int mode = parser.varint32();
        FileType type = parser.type(mode);
        int links = parser.varint32();
        int uid = parser.varint32();
        int gid = parser.varint32();
        long size = parser.varint();
        long allocated = parser.varint();
        int device = parser.varint32();
        Times times = new Times(parser.time(), parser.time(), parser.time(), parser.time());
        int attributeCount = parser.varint32();
        AccessList access = AccessList.read(parser);
        AccessList defaults = AccessList.read(parser);
        long parent = 0;
        long nextCookie = 0;
        String target = "";
        if (type == FileType.DIRECTORY) {
            parent = parser.varint();
            nextCookie = parser.varint();
        } else if (type == FileType.SYMLINK) {
            if (size < 0 || size > Integer.MAX_VALUE) {
                throw parser.damaged("a target of " + size + " bytes");
            }
            target = new String(parser.bytes((int) size), StandardCharsets.ISO_8859_1);
        }
        int flags = parser.isAtEnd() ? 0 : parser.varint32();
        Preallocation preallocation = parser.isAtEnd() ? Preallocation.NONE : Preallocation.read(parser);
        return new InodeRow(
                inode,
                type,
                mode & PERMISSION_BITS,
                links,
                uid,
                gid,
                size,
                allocated,
                device,
                times,
                attributeCount,
                access,
                defaults,
                parent,
                nextCookie,
                target,
                flags,
                preallocation);
    }
}
