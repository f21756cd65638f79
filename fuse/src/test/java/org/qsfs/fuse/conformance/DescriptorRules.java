package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Calls by descriptors and with flags: O_PATH, openat2, the calls whose names end in at, and what is told of what is open. */
final class DescriptorRules {
    private static final long OPENAT2 = 437;
    private static final long FACCESSAT2 = 439;
    private static final long FCHMODAT2 = 452;
    private static final long NO_MAGIC_LINKS = 2;
    private static final long NO_LINKS = 4;
    private static final long BENEATH = 8;
    private static final long IN_ROOT = 16;
    private static final int REMOVE_DIRECTORY = 0x200;
    private static final int O_NOATIME = 01000000;
    private static final int EFFECTIVE_IDS = 0x200;

    private DescriptorRules() {}

    static List<Rule> rules() {
        return List.of(
                rule(
                        "a descriptor with O_PATH neither reads, maps nor changes: EBADF; fchdir, dup and the at calls work",
                        p -> {
                            p.file("f", "content").dir("d", 0755);
                            int f = p.opened("f", O_PATH);
                            fails(EBADF, p.readResult(f, 1));
                            fails(EBADF, p.truncate(f, 0));
                            fails(EBADF, p.fchmod(f, 0600));
                            fails(EBADF, p.fchown(f, 1, 1));
                            fails(EBADF, p.call("fsync", f));
                            fails(EBADF, p.allocate(f, 0, 0, 1));
                            fails(EBADF, p.call("flistxattr", f, MemorySegment.NULL, 0L));
                            fails(EBADF, p.call("fcntl", f, 4, 0));
                            int d = p.opened("d", O_PATH | O_DIRECTORY);
                            fails(EBADF, p.call("getdents64", d, MemorySegment.NULL, 0L));
                            ok(p.call("mkdirat", d, "sub", 0755));
                            is(List.of("sub"), p.list("d"));
                            ok(p.call("close", (int) ok(p.call("dup", f))));
                        }),
                rule("O_PATH | O_NOFOLLOW opens a link itself", p -> {
                    ok(p.symlink("nowhere", "l"));
                    int l = p.opened("l", O_PATH | O_NOFOLLOW);
                    is(Stat.SYMLINK, p.stat(l).type());
                    try (Arena arena = Arena.ofConfined()) {
                        is(7, (int) p.call("readlinkat", l, "", arena.allocate(100), 100L));
                    }
                    ok(p.call("fchownat", l, "", 1, 2, AT_EMPTY_PATH));
                    is(1, p.lstat("l").uid());
                }),
                rule("O_PATH needs no permission of the file, only of the way to it", p -> {
                    p.file("f", 0).dir("d", 0700).file("d/f", 0666);
                    ok(p.as(ALICE).open("f", O_PATH, 0));
                    fails(EACCES, p.as(ALICE).open("d/f", O_PATH, 0));
                    fails(EACCES, p.as(ALICE).open("f", O_RDONLY, 0));
                }),
                rule("openat2 keeps below a directory, out of links, or takes it for the root", p -> {
                    p.dir("d", 0755).file("d/f", "inside").file("f", "outside");
                    ok(p.symlink("../f", "d/up"));
                    ok(p.symlink("f", "d/l"));
                    ok(p.symlink("/f", "d/absolute"));
                    int d = p.opened("d", O_PATH | O_DIRECTORY);
                    ok(openat2(p, d, "f", O_RDONLY, BENEATH));
                    ok(openat2(p, d, "l", O_RDONLY, BENEATH));
                    fails(EXDEV, openat2(p, d, "up", O_RDONLY, BENEATH));
                    fails(EXDEV, openat2(p, d, "../f", O_RDONLY, BENEATH));
                    fails(EXDEV, openat2(p, d, "absolute", O_RDONLY, BENEATH));
                    fails(ELOOP, openat2(p, d, "l", O_RDONLY, NO_LINKS));
                    ok(openat2(p, d, "l", O_RDONLY, NO_MAGIC_LINKS));
                    for (String name : List.of("absolute", "up", "../../f")) {
                        int inRoot = (int) ok(openat2(p, d, name, O_RDONLY, IN_ROOT));
                        is("inside", p.read(inRoot, 0, 99));
                    }
                    fails(EINVAL, openat2(p, d, "f", 1 << 30, 0));
                    fails(EINVAL, openat2(p, d, "f", O_RDONLY, 1 << 30));
                }),
                rule("linkat gives what is open a name, by AT_EMPTY_PATH and by /proc, also while others rename", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDONLY);
                    ok(p.call("linkat", f, "", AT_FDCWD, p.path() + "/g", AT_EMPTY_PATH));
                    ok(p.rename("f", "h"));
                    ok(p.call("linkat", AT_FDCWD, "/proc/self/fd/" + f, AT_FDCWD, p.path() + "/i", AT_SYMLINK_FOLLOW));
                    is(3, p.stat(f).links());
                    is("content", p.content("i"));
                }),
                rule("unlinkat: AT_REMOVEDIR for directories alone; unknown flags EINVAL in every at call", p -> {
                    p.dir("d", 0755).file("f", 0644);
                    int here = p.opened("", O_RDONLY | O_DIRECTORY);
                    fails(ENOTDIR, p.call("unlinkat", here, "f", REMOVE_DIRECTORY));
                    fails(EISDIR, p.call("unlinkat", here, "d", 0));
                    fails(EINVAL, p.call("unlinkat", here, "f", 1));
                    fails(EINVAL, p.call("linkat", here, "f", here, "g", 1));
                    fails(EINVAL, p.call("fchownat", here, "f", 1, 1, 1));
                    fails(EINVAL, p.call("utimensat", here, "f", MemorySegment.NULL, 1));
                    fails(EINVAL, p.call("renameat2", here, "f", here, "g", 1 << 10));
                    ok(p.call("unlinkat", here, "d", REMOVE_DIRECTORY));
                    is(List.of("f"), p.list(""));
                }),
                rule("at calls: ENOTDIR beside a file, EBADF beside nothing, absolute paths need neither", p -> {
                    p.file("f", 0644);
                    int f = p.opened("f", O_RDONLY);
                    for (int at : List.of(f, 1_000_000)) {
                        var expected = at == f ? ENOTDIR : EBADF;
                        fails(expected, p.call("openat", at, "x", O_RDONLY, 0));
                        fails(expected, p.call("mkdirat", at, "x", 0755));
                        fails(expected, p.call("mknodat", at, "x", Stat.FIFO | 0644, 0L));
                        fails(expected, p.call("symlinkat", "x", at, "y"));
                        fails(expected, p.call("unlinkat", at, "x", 0));
                        fails(expected, p.call("renameat", at, "x", at, "y"));
                        fails(expected, p.call("fchmodat", at, "x", 0644, 0));
                        ok(p.call("faccessat", at, p.path() + "/f", 4, 0));
                    }
                }),
                rule("fchmodat2 does not change the mode of a link; AT_EMPTY_PATH changes what is open", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    fails(EOPNOTSUPP, p.call("syscall", FCHMODAT2, (long) AT_FDCWD, p.path() + "/l", 0600L, (long)
                            AT_SYMLINK_NOFOLLOW));
                    int f = p.opened("f", O_PATH);
                    ok(p.call("syscall", FCHMODAT2, (long) f, "", 0640L, (long) AT_EMPTY_PATH));
                    octal(0640, p.stat("f").permissions());
                }),
                rule("faccessat2 asks for effective ids, for links themselves, and for what is open", p -> {
                    p.file("f", 0600);
                    ok(p.symlink("nowhere", "l"));
                    fails(EACCES, p.as(ALICE).call("syscall", FACCESSAT2, (long) AT_FDCWD, p.path() + "/f", 4L, (long)
                            EFFECTIVE_IDS));
                    fails(ENOENT, p.call("syscall", FACCESSAT2, (long) AT_FDCWD, p.path() + "/l", 0L, 0L));
                    ok(p.call("syscall", FACCESSAT2, (long) AT_FDCWD, p.path() + "/l", 0L, (long) AT_SYMLINK_NOFOLLOW));
                    ok(p.call("syscall", FACCESSAT2, (long) p.opened("f", O_PATH), "", 6L, (long) AT_EMPTY_PATH));
                    fails(EINVAL, p.call("syscall", FACCESSAT2, (long) AT_FDCWD, p.path() + "/f", 8L, 0L));
                }),
                rule("statx sets no attribute that its mask does not know, and refuses reserved bits", p -> {
                    p.file("f", "content").dir("d", 0755);
                    for (String name : List.of("f", "d")) {
                        try (Arena arena = Arena.ofConfined()) {
                            MemorySegment target = arena.allocate(Stat.SIZE, 8);
                            String path = p.path() + "/" + name;
                            ok(p.call("statx", AT_FDCWD, path, 0, 0xfff, target));
                            is(0L, target.get(JAVA_LONG, 8) & ~target.get(JAVA_LONG, 56));
                            is(0x7ff, target.get(JAVA_INT, 0) & 0x7ff);
                            fails(EINVAL, p.call("statx", AT_FDCWD, path, 0, 0x80000000, target));
                            fails(EINVAL, p.call("statx", AT_FDCWD, path, 0x6000, 0x7ff, target));
                            is(-14L, p.call("statx", AT_FDCWD, path, 0, 0x7ff, MemorySegment.NULL));
                        }
                    }
                }),
                rule("O_NOATIME is the owner's to ask for, and reads through it move no time", p -> {
                    p.file("f", "c".repeat(4_096));
                    ok(p.times("f", 100, 0, 200, 0));
                    fails(EPERM, p.as(ALICE).open("f", O_RDONLY | O_NOATIME, 0));
                    int f = p.opened("f", O_RDONLY | O_NOATIME | O_DIRECT);
                    try (Arena arena = Arena.ofConfined()) {
                        is(4_096L, p.call("pread", f, arena.allocate(4_096, 4_096), 4_096L, 0L));
                    }
                    is(100L, p.stat("f").accessed().getEpochSecond());
                }),
                rule("many files without a name, closed at once, leave nothing", Ability.NAMELESS_FILES, p -> {
                    long inodes = inodes(p);
                    for (int i = 0; i < 1_000; i++) {
                        int f = p.opened("", O_TMPFILE | O_RDWR);
                        ok(p.write(f, "bytes"));
                    }
                    p.closeAll();
                    is(List.of(), p.list(""));
                    // a mount learns of a close a moment later
                    while (inodes(p) > inodes) {
                        Thread.onSpinWait();
                    }
                }));
    }

    private static long openat2(Place p, int directory, String path, int flags, long resolve) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocateFrom(JAVA_LONG, flags, 0, resolve);
            long opened = p.call("syscall", OPENAT2, (long) directory, path, how, 24L);
            if (opened >= 0) {
                p.closeLater((int) opened);
            }
            return opened;
        }
    }

    /** Inodes in use, by statfs(2). */
    private static long inodes(Place p) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(120, 8);
            ok(p.call("statfs", p.path().toString(), status));
            return status.get(JAVA_LONG, 40) - status.get(JAVA_LONG, 48);
        }
    }
}
