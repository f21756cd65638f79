package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fs.InodeFlags.APPEND_ONLY;
import static org.qsfs.fs.InodeFlags.DIRECTORY_SYNC;
import static org.qsfs.fs.InodeFlags.IMMUTABLE;
import static org.qsfs.fs.InodeFlags.NO_ACCESS_TIME;
import static org.qsfs.fs.InodeFlags.NO_DUMP;
import static org.qsfs.fs.InodeFlags.OF_DIRECTORIES;
import static org.qsfs.fs.InodeFlags.SYNC;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Flags of inodes: chattr(1), lsattr(1), and what immutable and append-only ones forbid. */
final class FlagRules {
    private static final int XFLAG_IMMUTABLE = 0x8;
    private static final int XFLAG_APPEND = 0x10;
    private static final int XFLAG_SYNC = 0x20;
    private static final int XFLAG_NOATIME = 0x40;
    private static final int XFLAG_NODUMP = 0x80;
    private static final int XFLAGS = XFLAG_IMMUTABLE | XFLAG_APPEND | XFLAG_SYNC | XFLAG_NOATIME | XFLAG_NODUMP;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 3;
    private static final byte[] VALUE = {1};

    private FlagRules() {}

    /** Those that are kept here; the host's filesystem has more. */
    private static int flags(Place p, String path) {
        return (int) ok(p.flags(path)) & OF_DIRECTORIES;
    }

    /** Sets a flag, and takes it away at the end: nobody could remove the file. */
    private static void with(Place p, String path, int flag, Runnable calls) {
        int before = (int) ok(p.flags(path));
        ok(p.setFlags(path, before | flag));
        try {
            calls.run();
        } finally {
            ok(p.setFlags(path, before));
        }
    }

    static List<Rule> rules() {
        return List.of(
                rule("flags of files and directories are kept", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    with(p, "f", NO_DUMP | NO_ACCESS_TIME | SYNC, () -> {
                        is(NO_DUMP | NO_ACCESS_TIME | SYNC, flags(p, "f"));
                        p.forgetUnused();
                        is(NO_DUMP | NO_ACCESS_TIME | SYNC, flags(p, "f"));
                    });
                    is(0, flags(p, "f"));
                    with(p, "d", DIRECTORY_SYNC | IMMUTABLE, () -> is(DIRECTORY_SYNC | IMMUTABLE, flags(p, "d")));
                }),
                rule("setting flags moves ctime and nothing else", Ability.OWN_TIMES, p -> {
                    p.file("f", 0644).dir("d", 0755);
                    for (String name : List.of("f", "d")) {
                        Stat before = p.stat(name);
                        p.tick();
                        with(p, name, NO_DUMP, () -> {
                            Stat after = p.stat(name);
                            yes("ctime moved", after.changed().isAfter(before.changed()));
                            is(before.modified(), after.modified());
                            is(before.mode(), after.mode());
                        });
                    }
                }),
                rule("FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR name the same flags", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    with(
                            p,
                            "f",
                            NO_DUMP | APPEND_ONLY,
                            () -> is(XFLAG_NODUMP | XFLAG_APPEND, p.extendedFlags("f") & XFLAGS));
                    ok(p.setExtendedFlags("f", XFLAG_NOATIME | XFLAG_SYNC));
                    is(NO_ACCESS_TIME | SYNC, flags(p, "f"));
                    with(p, "d", DIRECTORY_SYNC, () -> {
                        ok(p.setExtendedFlags("d", XFLAG_IMMUTABLE));
                        is(DIRECTORY_SYNC | IMMUTABLE, flags(p, "d"));
                        fails(EPERM, p.mkdir("d/x", 0755));
                    });
                }),
                rule("immutable and append-only are the superuser's to set and take away: EPERM", p -> {
                    p.dir("d", 0777);
                    p.as(ALICE).file("d/f", 0666);
                    int plain = (int) ok(p.flags("d/f"));
                    ok(p.as(ALICE).setFlags("d/f", plain | NO_DUMP));
                    fails(EPERM, p.as(BOB).setFlags("d/f", plain));
                    fails(EPERM, p.as(ALICE).setFlags("d/f", plain | IMMUTABLE));
                    fails(EPERM, p.as(ALICE).setFlags("d/f", plain | APPEND_ONLY));
                    fails(EPERM, p.as(ALICE).setExtendedFlags("d/f", XFLAG_IMMUTABLE));
                    is(NO_DUMP, flags(p, "d/f"));
                    with(p, "d/f", APPEND_ONLY, () -> {
                        fails(EPERM, p.as(ALICE).setFlags("d/f", plain));
                        ok(p.as(ALICE).setFlags("d/f", plain | APPEND_ONLY));
                    });
                }),
                rule("other flags of an immutable file stay: EPERM", p -> {
                    p.file("f", 0644);
                    with(p, "f", IMMUTABLE, () -> {
                        int now = (int) ok(p.flags("f"));
                        fails(EPERM, p.setFlags("f", now | NO_DUMP));
                        is(IMMUTABLE, flags(p, "f"));
                    });
                }),
                rule("a flag that nobody knows, and one of directories for a file: EOPNOTSUPP", p -> {
                    p.file("f", 0644);
                    int plain = (int) ok(p.flags("f"));
                    fails(EOPNOTSUPP, p.setFlags("f", plain | 1 << 31));
                    fails(EOPNOTSUPP, p.setFlags("f", plain | DIRECTORY_SYNC));
                }),
                rule("flags of a fifo: ENOTTY; another ioctl of a file and a directory: ENOTTY", p -> {
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    p.file("f", 0644).dir("d", 0755);
                    fails(ENOTTY, p.flags(p.opened("p", O_RDWR)));
                    for (String name : List.of("f", "d")) {
                        fails(ENOTTY, p.call("ioctl", p.opened(name, O_RDONLY), 0x5401L, MemorySegment.NULL));
                    }
                }),
                rule("an immutable file: its content does not change", p -> {
                    p.file("f", "content").file("o", "other");
                    Stat before = p.stat("f");
                    with(p, "f", IMMUTABLE, () -> {
                        fails(EPERM, p.open("f", O_WRONLY, 0));
                        fails(EPERM, p.open("f", O_RDWR | O_APPEND, 0));
                        fails(EPERM, p.open("f", O_RDONLY | O_TRUNC, 0));
                        fails(EPERM, p.open("f", O_CREAT | O_RDWR, 0644));
                        fails(EPERM, p.truncate("f", 0));
                        is("content", p.content("f"));
                        is(before.modified(), p.stat("f").modified());
                    });
                    ok(p.truncate("f", 3));
                }),
                rule("an immutable file: its attributes do not change", p -> {
                    p.file("f", "content");
                    ok(p.setxattr("f", "user.a", VALUE, 0));
                    with(p, "f", IMMUTABLE, () -> {
                        fails(EPERM, p.chmod("f", 0600));
                        fails(EPERM, p.chown("f", 1, 1));
                        fails(EPERM, p.times("f", 1, 0, 1, 0));
                        fails(EPERM, p.times("f", 0, UTIME_NOW, 0, UTIME_NOW));
                        fails(EPERM, p.setxattr("f", "user.a", VALUE, 0));
                        fails(EPERM, p.setxattr("f", "trusted.a", VALUE, 0));
                        fails(EPERM, p.removexattr("f", "user.a"));
                    });
                    ok(p.chmod("f", 0600));
                    ok(p.removexattr("f", "user.a"));
                }),
                rule("an immutable file: its names do not change", p -> {
                    p.file("f", "content").file("o", "other");
                    with(p, "f", IMMUTABLE, () -> {
                        fails(EPERM, p.link("f", "g"));
                        fails(EPERM, p.unlink("f"));
                        fails(EPERM, p.rename("f", "g"));
                        fails(EPERM, p.rename("o", "f"));
                        is("content", p.content("f"));
                    });
                    ok(p.unlink("f"));
                }),
                rule("an immutable file: an open descriptor does not change it either", Ability.OWN_WRITES, p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    with(p, "f", IMMUTABLE, () -> {
                        fails(EPERM, p.write(f, "x", 0));
                        fails(EPERM, p.truncate(f, 0));
                        fails(EPERM, p.allocate(f, 0, 0, 100));
                        fails(EPERM, p.allocate(f, PUNCH_HOLE, 0, 4));
                        is("content", p.content("f"));
                    });
                    ok(p.write(f, "C", 0));
                    is("Content", p.content("f"));
                }),
                rule("what was written and mapped before a file became immutable is kept", p -> {
                    p.file("f", "x".repeat(4096));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map =
                            MemorySegment.ofAddress(ok(p.call("mmap", MemorySegment.NULL, 4096L, 3, 1, f, 0L)));
                    try (Arena arena = Arena.ofConfined()) {
                        p.call("memcpy", map, arena.allocateFrom("mapped"), 6L);
                    }
                    ok(p.write(f, "written", 4000));
                    with(p, "f", IMMUTABLE, () -> {
                        ok(p.call("msync", map, 4096L, 4));
                        ok(p.call("munmap", map, 4096L));
                        ok(p.call("fsync", f));
                        ok(p.close(f));
                        p.forgetUnused();
                        is("mapped", p.content("f").substring(0, 6));
                        is("written", p.content("f").substring(4000, 4007));
                    });
                }),
                rule("an immutable directory: no name is added, taken away or moved", p -> {
                    p.dir("d", 0777).file("d/f", "content").dir("d/e", 0755).file("o", 0644);
                    with(p, "d", IMMUTABLE, () -> {
                        fails(EPERM, p.open("d/n", O_CREAT | O_WRONLY, 0644));
                        fails(EPERM, p.mkdir("d/n", 0755));
                        fails(EPERM, p.symlink("x", "d/n"));
                        fails(EPERM, p.mknod("d/n", Stat.FIFO | 0644, 0));
                        fails(EPERM, p.link("o", "d/n"));
                        fails(EPERM, p.unlink("d/f"));
                        fails(EPERM, p.rmdir("d/e"));
                        fails(EPERM, p.rename("d/f", "d/g"));
                        fails(EPERM, p.rename("d/f", "f"));
                        fails(EPERM, p.rename("o", "d/n"));
                        fails(EPERM, p.rename("o", "d/f"));
                        fails(EPERM, p.rename("d", "n"));
                        fails(EPERM, p.chmod("d", 0700));
                        p.file("d/e/new", 0644).file("d/f", "changed");
                        is("changed", p.content("d/f"));
                    });
                    is(List.of("e", "f"), p.list("d").stream().sorted().toList());
                    ok(p.unlink("d/f"));
                }),
                rule("an append-only file is opened for appending only", p -> {
                    p.file("f", "content");
                    with(p, "f", APPEND_ONLY, () -> {
                        fails(EPERM, p.open("f", O_WRONLY, 0));
                        fails(EPERM, p.open("f", O_RDWR, 0));
                        fails(EPERM, p.open("f", O_WRONLY | O_APPEND | O_TRUNC, 0));
                        fails(EPERM, p.open("f", O_RDONLY | O_TRUNC, 0));
                        fails(EPERM, p.truncate("f", 100));
                        int f = p.opened("f", O_WRONLY | O_APPEND);
                        ok(p.write(f, "!"));
                        ok(p.write(f, "!", 0));
                        fails(EPERM, p.truncate(f, 0));
                        fails(EPERM, p.allocate(f, PUNCH_HOLE, 0, 4));
                        ok(p.allocate(f, KEEP_SIZE, 0, 100));
                        ok(p.call("fsync", f));
                        ok(p.close(f));
                        is("content!!", p.content("f"));
                    });
                }),
                rule("an append-only file keeps attributes and names", p -> {
                    p.file("f", "content").file("o", 0644);
                    with(p, "f", APPEND_ONLY, () -> {
                        fails(EPERM, p.chmod("f", 0600));
                        fails(EPERM, p.chown("f", 1, 1));
                        fails(EPERM, p.times("f", 1, 0, 1, 0));
                        fails(EPERM, p.setxattr("f", "user.a", VALUE, 0));
                        fails(EPERM, p.link("f", "g"));
                        fails(EPERM, p.unlink("f"));
                        fails(EPERM, p.rename("f", "g"));
                        fails(EPERM, p.rename("o", "f"));
                    });
                    ok(p.chmod("f", 0600));
                }),
                rule("an append-only file may be touched", Ability.OWN_TIMES, p -> {
                    p.file("f", "content");
                    with(p, "f", APPEND_ONLY, () -> {
                        Stat before = p.stat("f");
                        p.tick();
                        ok(p.times("f", 0, UTIME_NOW, 0, UTIME_NOW));
                        yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                    });
                }),
                rule("an append-only directory gets names and loses none", p -> {
                    p.dir("d", 0777)
                            .file("d/f", "content")
                            .dir("d/e", 0755)
                            .file("o", 0644)
                            .file("q", 0644);
                    with(p, "d", APPEND_ONLY, () -> {
                        p.file("d/n", 0644).dir("d/m", 0755);
                        ok(p.rename("o", "d/o"));
                        ok(p.link("d/n", "d/l"));
                        fails(EPERM, p.unlink("d/n"));
                        fails(EPERM, p.rmdir("d/e"));
                        fails(EPERM, p.rename("d/f", "d/g"));
                        fails(EPERM, p.rename("d/f", "f"));
                        fails(EPERM, p.rename("q", "d/f"));
                    });
                    ok(p.unlink("d/n"));
                }),
                rule("new inodes inherit nodump, noatime, sync and dirsync", p -> {
                    p.dir("d", 0755);
                    with(p, "d", NO_DUMP | NO_ACCESS_TIME | SYNC | DIRECTORY_SYNC | APPEND_ONLY, () -> {
                        p.file("d/f", 0644).dir("d/e", 0755);
                        is(NO_DUMP | NO_ACCESS_TIME | SYNC, flags(p, "d/f"));
                        is(NO_DUMP | NO_ACCESS_TIME | SYNC | DIRECTORY_SYNC, flags(p, "d/e"));
                    });
                }),
                rule("reading what has noatime moves no atime", p -> {
                    p.file("f", "content");
                    with(p, "f", NO_ACCESS_TIME, () -> {
                        ok(p.times("f", 1, 0, 2, 0));
                        is("content", p.content("f"));
                        is(1L, p.stat("f").accessed().getEpochSecond());
                    });
                    p.forgetUnused();
                    is("content", p.content("f"));
                    yes("atime moved", p.stat("f").accessed().getEpochSecond() > 2);
                }));
    }
}
