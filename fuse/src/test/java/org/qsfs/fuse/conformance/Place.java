package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.Errno;
import org.qsfs.fuse.conformance.Native.User;

/**
 * A directory for one rule, and system calls in it in one user's name. Paths are relative to it. Calls answer as the kernel does: what is negative is an error
 * number, negated. Descriptors that a rule leaves open are closed after it.
 */
final class Place {
    static final User ALICE = new User(10_001, 10_001, 10_100);
    static final User BOB = new User(10_002, 10_002);

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_TRUNC = 01000;
    static final int O_APPEND = 02000;
    static final int O_NONBLOCK = 04000;
    static final int O_DSYNC = 010000;
    static final int O_DIRECT = System.getProperty("os.arch", "").equals("aarch64") ? 0200000 : 040000;
    static final int O_DIRECTORY = System.getProperty("os.arch", "").equals("aarch64") ? 040000 : 0200000;
    static final int O_NOFOLLOW = System.getProperty("os.arch", "").equals("aarch64") ? 0100000 : 0400000;
    static final int O_SYNC = 04010000;
    static final int O_PATH = 010000000;
    static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_SYMLINK_FOLLOW = 0x400;
    static final int AT_EMPTY_PATH = 0x1000;
    private static final long FS_IOC_GETFLAGS = 0x8008_6601L;
    private static final long FS_IOC_SETFLAGS = 0x4008_6602L;
    private static final long FS_IOC_FSGETXATTR = 0x801c_581fL;
    private static final long FS_IOC_FSSETXATTR = 0x401c_5820L;
    /** Size of {@code struct fsxattr}. */
    private static final int FSXATTR = 28;

    /** {@code struct file_handle}: handle_bytes 4, handle_type 4, the handle. */
    private static final int HANDLE_HEADER = 8;

    private static final int MAX_HANDLE = 128;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BTIME = 0x800;

    static final long UTIME_NOW = (1L << 30) - 1;
    static final long UTIME_OMIT = (1L << 30) - 2;

    private final Path directory;
    private final User user;
    private final List<Integer> open;

    Place(Path directory) {
        this(directory, User.ROOT, new ArrayList<>());
    }

    private Place(Path directory, User user, List<Integer> open) {
        this.directory = directory;
        this.user = user;
        this.open = open;
    }

    /** The same place for another user. */
    Place as(User other) {
        return new Place(directory, other, open);
    }

    Place in(String subdirectory) {
        return new Place(directory.resolve(subdirectory), user, open);
    }

    Path path() {
        return directory;
    }

    private String at(String path) {
        return path.startsWith("/") ? path : path.isEmpty() ? directory.toString() : directory + "/" + path;
    }

    long call(String function, Object... arguments) {
        return Native.call(user, function, arguments);
    }

    void closeAll() {
        List.copyOf(open).forEach(this::close);
    }

    // results

    static long ok(long result) {
        if (result < 0) {
            throw new AssertionError("expected success, found " + name(result));
        }
        return result;
    }

    static void fails(Errno expected, long result) {
        if (result != -expected.number()) {
            throw new AssertionError("expected " + expected + ", found " + name(result));
        }
    }

    static void is(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    static void octal(int expected, int found) {
        if (expected != found) {
            throw new AssertionError("expected mode %o, found %o".formatted(expected, found));
        }
    }

    static void yes(String what, boolean found) {
        if (!found) {
            throw new AssertionError("not so: " + what);
        }
    }

    static String name(long result) {
        if (result >= 0) {
            return "success (" + result + ")";
        }
        for (Errno errno : Errno.values()) {
            if (errno.number() == -result) {
                return errno.toString();
            }
        }
        return "error " + -result;
    }

    // names

    long mkdir(String path, int mode) {
        return call("mkdir", at(path), mode);
    }

    long rmdir(String path) {
        return call("rmdir", at(path));
    }

    long unlink(String path) {
        return call("unlink", at(path));
    }

    long link(String from, String to) {
        return call("link", at(from), at(to));
    }

    long symlink(String target, String path) {
        return call("symlink", target, at(path));
    }

    long readlink(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return call("readlink", at(path), arena.allocate(8192), 8192L);
        }
    }

    String target(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(8192);
            long length = ok(call("readlink", at(path), buffer, 8192L));
            return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    long rename(String from, String to) {
        return call("rename", at(from), at(to));
    }

    long rename(String from, String to, int flags) {
        return call("renameat2", AT_FDCWD, at(from), AT_FDCWD, at(to), flags);
    }

    long mknod(String path, int mode, long device) {
        return call("mknod", at(path), mode, device);
    }

    /** Makes an empty file. */
    Place file(String path, int mode) {
        close((int) ok(open(path, O_CREAT | O_EXCL | O_WRONLY, mode)));
        return this;
    }

    Place file(String path, String content) {
        int descriptor = (int) ok(open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644));
        is((long) content.length(), ok(write(descriptor, content)));
        close(descriptor);
        return this;
    }

    /** Makes a directory. */
    Place dir(String path, int mode) {
        ok(mkdir(path, mode));
        return this;
    }

    boolean exists(String path) {
        return statOrError(path, AT_SYMLINK_NOFOLLOW) == 0;
    }

    /** Names as getdents64(2) gives them, without the two dots. */
    List<String> list(String path) {
        int descriptor = (int) ok(open(path, O_DIRECTORY, 0));
        List<String> names = new ArrayList<>();
        while (true) {
            List<Listed> page = entries(descriptor, 4096);
            if (page.isEmpty()) {
                close(descriptor);
                names.removeAll(List.of(".", ".."));
                return names;
            }
            page.forEach(entry -> names.add(entry.name()));
        }
    }

    /** One entry of getdents64(2). */
    record Listed(long inode, long cookie, int type, String name) {}

    List<Listed> entries(int descriptor, int room) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(room, 8);
            long filled = ok(call("getdents64", descriptor, buffer, (long) room));
            List<Listed> entries = new ArrayList<>();
            for (long i = 0; i < filled; ) {
                int length = buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, i + 16) & 0xffff;
                entries.add(new Listed(
                        buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, i),
                        buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, i + 8),
                        buffer.get(JAVA_BYTE, i + 18),
                        buffer.getString(i + 19, StandardCharsets.ISO_8859_1)));
                i += length;
            }
            return entries;
        }
    }

    // open files

    long open(String path, int flags, int mode) {
        long descriptor = call("open", at(path), flags, mode);
        if (descriptor >= 0) {
            open.add((int) descriptor);
        }
        return descriptor;
    }

    /** A descriptor that a call other than {@link #open} gave. */
    void closeLater(int descriptor) {
        open.add(descriptor);
    }

    int opened(String path, int flags) {
        return (int) ok(open(path, flags, 0644));
    }

    long close(int descriptor) {
        open.remove((Object) descriptor);
        return call("close", descriptor);
    }

    long write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return call("write", descriptor, bytes, (long) bytes.length);
    }

    long write(int descriptor, String text, long offset) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return call("pwrite", descriptor, bytes, (long) bytes.length, offset);
    }

    /** Reads from an offset; shorter at the end of the file. */
    String read(int descriptor, long offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            long read = ok(call("pread", descriptor, buffer, (long) length, offset));
            return new String(buffer.asSlice(0, read).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }
    }

    long readResult(int descriptor, int length) {
        try (Arena arena = Arena.ofConfined()) {
            return call("read", descriptor, arena.allocate(length), (long) length);
        }
    }

    String content(String path) {
        int descriptor = opened(path, O_RDONLY);
        String content = read(descriptor, 0, 1 << 20);
        close(descriptor);
        return content;
    }

    long seek(int descriptor, long offset, int whence) {
        return call("lseek", descriptor, offset, whence);
    }

    long truncate(String path, long size) {
        return call("truncate", at(path), size);
    }

    long truncate(int descriptor, long size) {
        return call("ftruncate", descriptor, size);
    }

    long allocate(int descriptor, int mode, long offset, long length) {
        return call("fallocate", descriptor, mode, offset, length);
    }

    /** copy_file_range(2) with explicit offsets. */
    long copy(int from, long fromOffset, int to, long toOffset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            return call(
                    "copy_file_range",
                    from,
                    arena.allocateFrom(JAVA_LONG, fromOffset),
                    to,
                    arena.allocateFrom(JAVA_LONG, toOffset),
                    length,
                    0);
        }
    }

    // flags of inodes

    /** What lsattr(1) shows of an open file, {@code FS_*_FL}; negative: an error. */
    long flags(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(8, 8);
            long result = call("ioctl", descriptor, FS_IOC_GETFLAGS, flags);
            return result < 0 ? result : flags.get(JAVA_INT, 0);
        }
    }

    long flags(String path) {
        int descriptor = opened(path, O_RDONLY);
        long flags = flags(descriptor);
        close(descriptor);
        return flags;
    }

    /** What chattr(1) does. */
    long setFlags(String path, int flags) {
        int descriptor = opened(path, O_RDONLY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(8, 8);
            argument.set(JAVA_INT, 0, flags);
            return call("ioctl", descriptor, FS_IOC_SETFLAGS, argument);
        } finally {
            close(descriptor);
        }
    }

    /** The flags as FS_IOC_FSGETXATTR gives them, {@code FS_XFLAG_*}. */
    int extendedFlags(String path) {
        int descriptor = opened(path, O_RDONLY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fsxattr = arena.allocate(FSXATTR, 8);
            ok(call("ioctl", descriptor, FS_IOC_FSGETXATTR, fsxattr));
            return fsxattr.get(JAVA_INT, 0);
        } finally {
            close(descriptor);
        }
    }

    /** FS_IOC_FSSETXATTR. */
    long setExtendedFlags(String path, int flags) {
        int descriptor = opened(path, O_RDONLY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fsxattr = arena.allocate(FSXATTR, 8);
            fsxattr.set(JAVA_INT, 0, flags);
            return call("ioctl", descriptor, FS_IOC_FSSETXATTR, fsxattr);
        } finally {
            close(descriptor);
        }
    }

    // file handles

    /** A handle of what a path leads to, as name_to_handle_at(2) fills it; links are not followed. */
    byte[] handle(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(HANDLE_HEADER + MAX_HANDLE, 8);
            handle.set(JAVA_INT, 0, MAX_HANDLE);
            ok(call("name_to_handle_at", AT_FDCWD, at(path), handle, arena.allocate(4, 4), 0));
            return handle.asSlice(0, HANDLE_HEADER + handle.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
        }
    }

    /** open_by_handle_at(2). */
    long open(byte[] handle, int flags) {
        int mount = opened("", O_RDONLY | O_DIRECTORY);
        long descriptor = call("open_by_handle_at", mount, handle, flags);
        close(mount);
        if (descriptor >= 0) {
            open.add((int) descriptor);
        }
        return descriptor;
    }

    /** Makes the kernel forget every inode that nobody uses. */
    void forgetUnused() {
        int caches = (int) ok(call("open", "/proc/sys/vm/drop_caches", O_WRONLY, 0));
        ok(write(caches, "2"));
        ok(call("close", caches));
    }

    // attributes

    Stat stat(String path) {
        return stat(AT_FDCWD, at(path), 0);
    }

    Stat lstat(String path) {
        return stat(AT_FDCWD, at(path), AT_SYMLINK_NOFOLLOW);
    }

    Stat stat(int descriptor) {
        return stat(descriptor, "", AT_EMPTY_PATH);
    }

    private Stat stat(int descriptor, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(Stat.SIZE, 8);
            ok(call("statx", descriptor, path, flags, STATX_BASIC_STATS, target));
            return Stat.of(target);
        }
    }

    /** When the inode came to be; links are not followed. */
    Instant birth(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(Stat.SIZE, 8);
            ok(call("statx", AT_FDCWD, at(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, target));
            yes("a birth time is known", (target.get(JAVA_INT, 0) & STATX_BTIME) != 0);
            is(Stat.of(target), lstat(path));
            return Stat.created(target);
        }
    }

    long statOrError(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return call("statx", AT_FDCWD, at(path), flags, STATX_BASIC_STATS, arena.allocate(Stat.SIZE, 8));
        }
    }

    long statError(String path) {
        return statOrError(path, 0);
    }

    long chmod(String path, int mode) {
        return call("chmod", at(path), mode);
    }

    long fchmod(int descriptor, int mode) {
        return call("fchmod", descriptor, mode);
    }

    /** -1 leaves an id as it is. */
    long chown(String path, int uid, int gid) {
        return call("chown", at(path), uid, gid);
    }

    long lchown(String path, int uid, int gid) {
        return call("lchown", at(path), uid, gid);
    }

    long fchown(int descriptor, int uid, int gid) {
        return call("fchown", descriptor, uid, gid);
    }

    /** faccessat(2) with the effective ids. R_OK 4, W_OK 2, X_OK 1. */
    long access(String path, int mask) {
        return call("access", at(path), mask);
    }

    long times(String path, Instant accessed, Instant modified) {
        return times(
                path, accessed.getEpochSecond(), accessed.getNano(), modified.getEpochSecond(), modified.getNano());
    }

    /** utimensat(2), not following links; nanoseconds may be {@link #UTIME_NOW} and {@link #UTIME_OMIT}. */
    long times(String path, long seconds, long nanos, long modifiedSeconds, long modifiedNanos) {
        try (Arena arena = Arena.ofConfined()) {
            return call(
                    "utimensat",
                    AT_FDCWD,
                    at(path),
                    arena.allocateFrom(JAVA_LONG, seconds, nanos, modifiedSeconds, modifiedNanos),
                    AT_SYMLINK_NOFOLLOW);
        }
    }

    /** Waits until the kernel's coarse clock, which files may get their times from, has passed this moment. */
    void tick() {
        Instant now = Instant.now();
        int coarseRealTime = 5;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            do {
                ok(call("clock_gettime", coarseRealTime, time));
            } while (!Instant.ofEpochSecond(time.get(JAVA_LONG, 0), time.get(JAVA_LONG, 8))
                    .isAfter(now));
        }
    }

    // extended attributes

    long setxattr(String path, String name, byte[] value, int flags) {
        return call("setxattr", at(path), name, value, (long) value.length, flags);
    }

    long lsetxattr(String path, String name, byte[] value, int flags) {
        return call("lsetxattr", at(path), name, value, (long) value.length, flags);
    }

    long removexattr(String path, String name) {
        return call("removexattr", at(path), name);
    }

    long getxattr(String path, String name, int room) {
        try (Arena arena = Arena.ofConfined()) {
            return call("getxattr", at(path), name, arena.allocate(Math.max(1, room)), (long) room);
        }
    }

    byte[] xattr(String path, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65_536);
            long length = ok(call("getxattr", at(path), name, buffer, 65_536L));
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    List<String> xattrs(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65_536);
            long length = ok(call("listxattr", at(path), buffer, 65_536L));
            String names = new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
            return names.isEmpty() ? List.of() : List.of(names.split("\0"));
        }
    }

    // locks

    /** fcntl(2): F_GETLK 5, F_SETLK 6, F_OFD_SETLK 37; types F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. @return of F_GETLK the type found */
    long lock(int descriptor, int command, int type, long start, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = arena.allocate(32, 8);
            flock.set(ValueLayout.JAVA_SHORT, 0, (short) type);
            flock.set(JAVA_LONG, 8, start);
            flock.set(JAVA_LONG, 16, length);
            flock.set(JAVA_INT, 24, 0);
            long result = call("fcntl", descriptor, command, flock);
            return result == 0 && (command == 5 || command == 36) ? flock.get(ValueLayout.JAVA_SHORT, 0) : result;
        }
    }

    /** flock(2): LOCK_SH 1, LOCK_EX 2, LOCK_NB 4, LOCK_UN 8. */
    long flock(int descriptor, int operation) {
        return call("flock", descriptor, operation);
    }
}
