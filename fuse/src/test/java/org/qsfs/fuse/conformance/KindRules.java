package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;
import org.qsfs.fs.Errno;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Every kind of thing against every other: what rename and its flags answer, what nodes and names of all kinds are good for. */
final class KindRules {
    private static final int NOREPLACE = 1;
    private static final int EXCHANGE = 2;
    private static final List<String> KINDS = List.of("none", "file", "symlink", "fifo", "empty", "full");

    private KindRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("rename of every kind over every kind, in one directory and across two", p -> {
                    for (String from : KINDS) {
                        for (String to : KINDS) {
                            for (String target : List.of("", "other/")) {
                                Place own = place(p, from + to + target.length(), from, to, target);
                                Errno expected = refusal(from, to);
                                if (expected == null) {
                                    ok(own.rename("a", target + "b"));
                                    fails(ENOENT, own.statOrError("a", AT_SYMLINK_NOFOLLOW));
                                    is(type(from), own.lstat(target + "b").type());
                                } else {
                                    fails(expected, own.rename("a", target + "b"));
                                    is(!to.equals("none"), own.exists(target + "b"));
                                }
                            }
                        }
                    }
                }),
                rule("RENAME_NOREPLACE and RENAME_EXCHANGE of every kind with every kind", Ability.RENAME_FLAGS, p -> {
                    for (String from : KINDS) {
                        for (String to : KINDS) {
                            Place kept = place(p, "n" + from + to, from, to, "");
                            long kept2 = kept.rename("a", "b", NOREPLACE);
                            if (from.equals("none")) {
                                fails(ENOENT, kept2);
                            } else if (to.equals("none")) {
                                ok(kept2);
                            } else {
                                fails(EEXIST, kept2);
                                is(type(from), kept.lstat("a").type());
                            }
                            Place swapped = place(p, "x" + from + to, from, to, "other/");
                            long swap = swapped.rename("a", "other/b", EXCHANGE);
                            if (from.equals("none") || to.equals("none")) {
                                fails(ENOENT, swap);
                            } else {
                                ok(swap);
                                is(type(to), swapped.lstat("a").type());
                                is(type(from), swapped.lstat("other/b").type());
                            }
                        }
                    }
                }),
                rule("what is replaced while it is open has no links left, files and directories", p -> {
                    p.file("a", 0644).file("b", 0644).dir("c", 0755).dir("d", 0755);
                    int file = p.opened("b", O_RDONLY);
                    int directory = p.opened("d", O_RDONLY | O_DIRECTORY);
                    ok(p.rename("a", "b"));
                    ok(p.rename("c", "d"));
                    is(0, p.stat(file).links());
                    is(0, p.stat(directory).links());
                }),
                rule("renaming onto an existing file moves the directory's times", p -> {
                    p.dir("d", 0755).file("d/a", 0644).file("d/b", 0644);
                    Stat before = p.stat("d");
                    p.tick();
                    ok(p.rename("d/a", "d/b"));
                    yes("mtime moved", p.stat("d").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("d").changed().isAfter(before.changed()));
                }),
                rule("unlinking the last name moves ctime of what is still open", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    Stat before = p.stat(f);
                    p.tick();
                    ok(p.unlink("f"));
                    yes("ctime moved", p.stat(f).changed().isAfter(before.changed()));
                    is(before.modified(), p.stat(f).modified());
                }),
                rule("an unlinked file gets no name again: ENOENT", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.unlink("f"));
                    fails(
                            ENOENT,
                            p.call(
                                    "linkat",
                                    AT_FDCWD,
                                    "/proc/self/fd/" + f,
                                    AT_FDCWD,
                                    p.path() + "/g",
                                    AT_SYMLINK_FOLLOW));
                }),
                rule("300 files that are open and have lost their names", p -> {
                    for (int i = 0; i < 300; i++) {
                        int f = p.opened("f", O_CREAT | O_EXCL | O_RDWR);
                        ok(p.write(f, "file " + i));
                        ok(p.unlink("f"));
                        is("file " + i, p.read(f, 0, 99));
                    }
                    is(List.of(), p.list(""));
                }),
                rule("a device node is the device", p -> {
                    ok(p.mknod("null", Stat.CHARACTER | 0666, 0x0103));
                    int f = p.opened("null", O_RDWR);
                    is(5L, p.write(f, "bytes"));
                    is(0L, p.readResult(f, 10));
                }),
                rule("a listing tells sockets and devices apart", p -> {
                    ok(p.mknod("s", Stat.SOCKET | 0644, 0));
                    ok(p.mknod("c", Stat.CHARACTER | 0644, 0x0103));
                    ok(p.mknod("b", Stat.BLOCK | 0644, 0x0103));
                    for (Listed entry : p.entries(p.opened("", O_RDONLY | O_DIRECTORY), 65_536)) {
                        is(p.lstat(entry.name()).type() >> 12, entry.type());
                    }
                }),
                rule("40 links that lead on are followed, 41 are too many: ELOOP", p -> {
                    p.file("l0", "end");
                    for (int i = 1; i <= 41; i++) {
                        ok(p.symlink("l" + (i - 1), "l" + i));
                    }
                    is("end", p.content("l40"));
                    fails(ELOOP, p.open("l41", O_RDONLY, 0));
                }),
                rule("the superuser reads, writes and enters whatever the mode says", p -> {
                    p.dir("d", 0755).file("d/f", "content");
                    ok(p.chmod("d/f", 0));
                    ok(p.chmod("d", 0));
                    int f = p.opened("d/f", O_RDWR);
                    ok(p.write(f, "C"));
                    is("Content", p.content("d/f"));
                    is(List.of("f"), p.list("d"));
                }));
    }

    private static Place place(Place p, String name, String from, String to, String target) {
        Place own = p.dir(name, 0755).in(name);
        own.dir("other", 0755);
        make(own, "a", from);
        make(own, target + "b", to);
        return own;
    }

    private static void make(Place p, String name, String kind) {
        switch (kind) {
            case "file" -> p.file(name, "content");
            case "symlink" -> ok(p.symlink("nowhere", name));
            case "fifo" -> ok(p.mknod(name, Stat.FIFO | 0644, 0));
            case "empty" -> p.dir(name, 0755);
            case "full" -> p.dir(name, 0755).file(name + "/x", 0644);
            default -> {}
        }
    }

    private static int type(String kind) {
        return switch (kind) {
            case "file" -> Stat.REGULAR;
            case "symlink" -> Stat.SYMLINK;
            case "fifo" -> Stat.FIFO;
            default -> Stat.DIRECTORY;
        };
    }

    /** What rename(2) answers; null for success. */
    private static @org.jspecify.annotations.Nullable Errno refusal(String from, String to) {
        boolean directory = from.equals("empty") || from.equals("full");
        boolean overDirectory = to.equals("empty") || to.equals("full");
        if (from.equals("none")) {
            return ENOENT;
        }
        if (to.equals("none")) {
            return null;
        }
        if (directory && !overDirectory) {
            return ENOTDIR;
        }
        if (!directory && overDirectory) {
            return EISDIR;
        }
        return to.equals("full") ? ENOTEMPTY : null;
    }
}
