package org.qsfs.fuse.conformance;

import static org.qsfs.fuse.conformance.Place.*;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Makes calls in one directory and says what they answered, in words that are the same for two filesystems that do the same. */
final class Actor {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 3;
    private static final int ZERO_RANGE = 16;

    private final Place root;
    private final int[] descriptors = new int[Call.DESCRIPTORS];

    Actor(Place root) {
        this.root = root;
        Arrays.fill(descriptors, -1);
    }

    /** What the call answered. */
    String make(Call call) {
        Place p = root.as(call.user());
        String path = call.path();
        int descriptor = descriptors[call.slot()];
        return switch (call.kind()) {
            case CREATE -> open(call, path, O_CREAT | O_RDWR);
            case CREATE_EXCLUSIVE -> open(call, path, O_CREAT | O_EXCL | O_WRONLY);
            case CREATE_MODE -> open(call, path, O_CREAT | O_RDONLY);
            case OPEN_READ -> open(call, path, O_RDONLY);
            case OPEN_WRITE -> open(call, path, O_WRONLY);
            case OPEN_READ_WRITE -> open(call, path, O_RDWR);
            case OPEN_APPEND -> open(call, path, O_RDWR | O_APPEND);
            case OPEN_TRUNCATE -> open(call, path, O_WRONLY | O_TRUNC);
            case OPEN_SYNC -> open(call, path, O_RDWR | O_SYNC);
            case OPEN_DIRECTORY -> open(call, path, O_RDONLY | O_DIRECTORY);
            case OPEN_NO_FOLLOW -> open(call, path, O_RDWR | O_NOFOLLOW);
            case CLOSE -> {
                descriptors[call.slot()] = -1;
                yield descriptor < 0 ? "nothing" : name(root.close(descriptor));
            }
            case WRITE -> name(p.write(descriptor, text(call)));
            case WRITE_AT -> name(p.write(descriptor, text(call), call.offset()));
            case READ -> read(p, descriptor, call.length());
            case READ_AT -> readAt(p, descriptor, call.offset(), call.length());
            case SEEK -> seek(p, descriptor, call.offset(), 0);
            case SEEK_FROM_END -> seek(p, descriptor, -call.length(), 2);
            case TRUNCATE_OPEN -> name(p.truncate(descriptor, call.offset()));
            case TRUNCATE -> name(p.truncate(path, call.offset()));
            case ALLOCATE -> name(p.allocate(descriptor, 0, call.offset(), call.length()));
            case ALLOCATE_KEEPING_SIZE -> name(p.allocate(descriptor, KEEP_SIZE, call.offset(), call.length()));
            case PUNCH_HOLE -> name(p.allocate(descriptor, PUNCH_HOLE, call.offset(), call.length()));
            case ZERO_RANGE -> name(p.allocate(descriptor, ZERO_RANGE, call.offset(), call.length()));
            case COPY_RANGE ->
                name(p.copy(descriptor, call.offset(), descriptors[call.otherSlot()], call.length(), call.length()));
            case FSYNC -> name(p.call("fsync", descriptor));
            case FDATASYNC -> name(p.call("fdatasync", descriptor));
            case MKDIR -> name(p.mkdir(path, call.mode()));
            case RMDIR -> name(p.rmdir(path));
            case UNLINK -> name(p.unlink(path));
            case RENAME -> name(p.rename(path, call.otherPath()));
            case RENAME_NO_REPLACE -> name(p.rename(path, call.otherPath(), 1));
            case RENAME_EXCHANGE -> name(p.rename(path, call.otherPath(), 2));
            case RENAME_WHITEOUT -> name(p.rename(path, call.otherPath(), 4));
            case LINK -> name(p.link(path, call.otherPath()));
            case SYMLINK -> name(p.symlink(call.otherPath(), path));
            case READLINK -> name(p.readlink(path));
            case MAKE_FIFO -> name(p.mknod(path, Stat.FIFO | call.mode(), 0));
            case MAKE_SOCKET -> name(p.mknod(path, Stat.SOCKET | call.mode(), 0));
            case MAKE_DEVICE -> name(p.mknod(path, Stat.CHARACTER | call.mode(), 0x0103));
            case MAKE_FILE -> name(p.mknod(path, Stat.REGULAR | call.mode(), 0));
            case CHMOD -> name(p.chmod(path, call.mode()));
            case CHMOD_OPEN -> name(p.fchmod(descriptor, call.mode()));
            case CHOWN -> name(p.chown(path, owner(call.b()), group(call.b())));
            case CHOWN_LINK -> name(p.lchown(path, owner(call.b()), group(call.b())));
            case CHOWN_OPEN -> name(p.fchown(descriptor, owner(call.b()), group(call.b())));
            case SET_TIMES -> name(p.times(path, 100 + call.b() % 1000, 5, 200 + call.b() % 1000, 7));
            case TOUCH -> name(p.times(path, 0, UTIME_NOW, 0, UTIME_NOW));
            case ACCESS -> name(p.access(path, call.b() & 7));
            case STAT -> p.statOrError(path, 0) == 0 ? describe(p.stat(path)) : name(p.statOrError(path, 0));
            case STAT_LINK ->
                p.statOrError(path, AT_SYMLINK_NOFOLLOW) == 0
                        ? describe(p.lstat(path))
                        : name(p.statOrError(path, AT_SYMLINK_NOFOLLOW));
            case STAT_OPEN -> descriptor < 0 ? "nothing" : describe(p.stat(descriptor));
            case LIST -> list(p, path);
            case SET_ATTRIBUTE ->
                name(p.setxattr(
                        path,
                        attribute(call),
                        text(call).substring(0, Math.min(1000, call.length())).getBytes(),
                        call.b() % 3));
            case GET_ATTRIBUTE -> name(p.getxattr(path, attribute(call), 4096));
            case LIST_ATTRIBUTES -> p.statOrError(path, 0) == 0 ? attributes(p, path) : "nothing";
            case REMOVE_ATTRIBUTE -> name(p.removexattr(path, attribute(call)));
            case SET_ACCESS_LIST -> name(p.setxattr(path, "system.posix_acl_access", accessList(call), 0));
            case SET_DEFAULT_LIST -> name(p.setxattr(path, "system.posix_acl_default", accessList(call), 0));
            case FLOCK -> name(p.flock(descriptor, List.of(1, 2, 8).get(Math.floorMod(call.b(), 3)) | 4));
            case LOCK_RANGE ->
                name(p.lock(descriptor, 37, Math.floorMod(call.b(), 3), Math.floorMod(call.b(), 50), call.length()));
            case UMASK -> {
                root.call("umask", call.mode() & 0777);
                yield "done";
            }
            case REMOUNT, EVICT -> "done";
        };
    }

    private String open(Call call, String path, int flags) {
        long descriptor = root.as(call.user()).open(path, flags | O_NONBLOCK, call.mode());
        if (descriptor < 0) {
            return name(descriptor);
        }
        closeSlot(call.otherSlot());
        descriptors[call.otherSlot()] = (int) descriptor;
        return "opened";
    }

    private void closeSlot(int slot) {
        if (descriptors[slot] >= 0) {
            root.close(descriptors[slot]);
            descriptors[slot] = -1;
        }
    }

    void closeAll() {
        for (int slot = 0; slot < descriptors.length; slot++) {
            closeSlot(slot);
        }
    }

    private static String text(Call call) {
        return String.valueOf((char) ('a' + Math.floorMod(call.a() + call.b(), 26)))
                .repeat(call.length());
    }

    private static String attribute(Call call) {
        return List.of("user.a", "user.b", "trusted.c", "security.d").get(Math.floorMod(call.b() / 3, 4));
    }

    private static int owner(int choice) {
        return List.of(-1, 0, ALICE.uid(), BOB.uid()).get(Math.floorMod(choice, 4));
    }

    /** Not -1 together with the owner: FUSE does not tell such a chown, which may be refused, from what comes before a write. */
    private static int group(int choice) {
        return owner(choice) == -1 ? 10_001 : owner(choice / 4);
    }

    /** Owner, ALICE, group, mask, others, with rights from the call. */
    private static byte[] accessList(Call call) {
        ByteBuffer list =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        int[] tags = {1, 2, 4, 0x10, 0x20};
        for (int i = 0; i < tags.length; i++) {
            list.putShort((short) tags[i])
                    .putShort((short) (call.b() >> i & 7))
                    .putInt(tags[i] == 2 ? ALICE.uid() : -1);
        }
        return list.array();
    }

    private static String read(Place p, int descriptor, int length) {
        try (Arena arena = Arena.ofConfined()) {
            var buffer = arena.allocate(length);
            long read = p.call("read", descriptor, buffer, (long) length);
            return read < 0
                    ? name(read)
                    : hash(buffer.asSlice(0, read).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        }
    }

    private static String readAt(Place p, int descriptor, long offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            var buffer = arena.allocate(length);
            long read = p.call("pread", descriptor, buffer, (long) length, offset);
            return read < 0
                    ? name(read)
                    : hash(buffer.asSlice(0, read).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        }
    }

    private static String hash(byte[] bytes) {
        return bytes.length + " bytes " + Integer.toHexString(Arrays.hashCode(bytes));
    }

    private static String list(Place p, String path) {
        long descriptor = p.open(path, O_RDONLY | O_DIRECTORY, 0);
        if (descriptor < 0) {
            return name(descriptor);
        }
        p.close((int) descriptor);
        return new TreeSet<>(p.list(path)).toString();
    }

    /** Offsets in directories are each filesystem's own. */
    private static String seek(Place p, int descriptor, long offset, int whence) {
        boolean directory = descriptor >= 0 && p.stat(descriptor).type() == Stat.DIRECTORY;
        return directory ? "of a directory" : name(p.seek(descriptor, offset, whence));
    }

    private static String attributes(Place p, String path) {
        TreeSet<String> names = new TreeSet<>(p.xattrs(path));
        names.remove("security.selinux");
        return names.toString();
    }

    /** Without what two filesystems may differ in: sizes of directories, blocks, numbers of inodes, times that nobody set. */
    static String describe(Stat s) {
        // the kernel tells a FUSE filesystem nothing of what passes through a fifo or a device
        boolean special = s.type() == Stat.FIFO || s.type() == Stat.CHARACTER;
        String times = special
                ? "-"
                : s.modified().getEpochSecond() < 10_000 ? s.modified().toString() : "now";
        return "%o links %d owner %d:%d size %s modified %s device %d:%d"
                .formatted(
                        s.mode(),
                        s.links(),
                        s.uid(),
                        s.gid(),
                        s.type() == Stat.DIRECTORY ? "-" : String.valueOf(s.size()),
                        times,
                        s.major(),
                        s.minor());
    }

    /** Everything below: names, attributes, contents. */
    List<String> tree() {
        List<String> lines = new ArrayList<>();
        tree("", lines);
        return lines;
    }

    private void tree(String path, List<String> lines) {
        Stat s = root.lstat(path);
        String line = path + ": " + describe(s);
        switch (s.type()) {
            case Stat.REGULAR -> lines.add(line + " " + content(path) + " " + values(path));
            case Stat.SYMLINK -> lines.add(line + " -> " + root.target(path));
            case Stat.DIRECTORY -> {
                lines.add(line + " " + values(path));
                for (String name : new TreeSet<>(root.list(path))) {
                    tree(path.isEmpty() ? name : path + "/" + name, lines);
                }
            }
            default -> lines.add(line);
        }
    }

    /** The inodes of everything below. */
    List<Long> inodes() {
        List<Long> all = new ArrayList<>();
        inodes("", all);
        return all;
    }

    private void inodes(String path, List<Long> all) {
        Stat s = root.lstat(path);
        all.add(s.inode());
        if (s.type() == Stat.DIRECTORY) {
            root.list(path).forEach(name -> inodes(path.isEmpty() ? name : path + "/" + name, all));
        }
    }

    private String content(String path) {
        int descriptor = root.opened(path, O_RDONLY);
        String content = readAt(root, descriptor, 0, 2 << 20);
        root.close(descriptor);
        return content;
    }

    private String values(String path) {
        StringBuilder values = new StringBuilder();
        for (String name : new TreeSet<>(root.xattrs(path))) {
            if (!name.equals("security.selinux")) {
                values.append(name)
                        .append('=')
                        .append(hash(root.xattr(path, name)))
                        .append(' ');
            }
        }
        return values.toString();
    }
}
