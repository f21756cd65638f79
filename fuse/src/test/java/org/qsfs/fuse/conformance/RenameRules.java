package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** rename(2) and renameat2(2). */
final class RenameRules {
    private static final int NOREPLACE = 1;
    private static final int EXCHANGE = 2;
    private static final int WHITEOUT = 4;

    private RenameRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("rename keeps the inode of anything", p -> {
                    p.file("f", "content").dir("d", 0755).dir("to", 0755);
                    ok(p.symlink("x", "l"));
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    for (String name : List.of("f", "d", "l", "p")) {
                        Stat before = p.lstat(name);
                        ok(p.rename(name, "to/" + name));
                        Stat after = p.lstat("to/" + name);
                        is(before.inode(), after.inode());
                        is(before.mode(), after.mode());
                        fails(ENOENT, p.statOrError(name, AT_SYMLINK_NOFOLLOW));
                    }
                    is("content", p.content("to/f"));
                }),
                rule("rename replaces a file at once", p -> {
                    p.file("a", "new").file("b", "old");
                    long inode = p.stat("a").inode();
                    int old = p.opened("b", O_RDONLY);
                    ok(p.rename("a", "b"));
                    is(inode, p.stat("b").inode());
                    is("new", p.content("b"));
                    is("old", p.read(old, 0, 9));
                    is(0, p.stat(old).links());
                    is(List.of("b"), p.list(""));
                }),
                rule("rename replaces an empty directory; a full one: ENOTEMPTY", p -> {
                    p.dir("a", 0755)
                            .file("a/f", 0644)
                            .dir("b", 0755)
                            .dir("c", 0755)
                            .file("c/x", 0644);
                    ok(p.rename("a", "b"));
                    is(List.of("f"), p.list("b"));
                    fails(ENOTEMPTY, p.rename("b", "c"));
                    is(List.of("f"), p.list("b"));
                }),
                rule("rename of a directory over a file: ENOTDIR; of a file over a directory: EISDIR", p -> {
                    p.dir("d", 0755).file("f", 0644);
                    fails(ENOTDIR, p.rename("d", "f"));
                    fails(EISDIR, p.rename("f", "d"));
                }),
                rule("rename of a directory into itself: EINVAL", p -> {
                    p.dir("d", 0755).dir("d/e", 0755).dir("d/e/f", 0755);
                    fails(EINVAL, p.rename("d", "d/x"));
                    fails(EINVAL, p.rename("d", "d/e/f/x"));
                    fails(ENOTEMPTY, p.rename("d/e/f", "d"));
                }),
                rule("rename of nothing: ENOENT; to nowhere: ENOENT; through a file: ENOTDIR", p -> {
                    p.file("f", 0644);
                    fails(ENOENT, p.rename("no", "x"));
                    fails(ENOENT, p.rename("f", "no/x"));
                    fails(ENOTDIR, p.rename("f/x", "y"));
                    fails(ENOTDIR, p.rename("f", "f/x"));
                }),
                rule("rename of dot: EBUSY or EINVAL", p -> {
                    p.dir("d", 0755);
                    fails(EBUSY, p.rename("d/.", "x"));
                    fails(EBUSY, p.rename("d", "d/.."));
                }),
                rule("rename between two names of one inode does nothing", p -> {
                    p.file("a", 0644);
                    ok(p.link("a", "b"));
                    ok(p.rename("a", "b"));
                    yes("both names stay", p.exists("a") && p.exists("b"));
                    is(2, p.stat("a").links());
                }),
                rule("rename onto itself does nothing", p -> {
                    p.file("a", "content").dir("d", 0755);
                    ok(p.rename("a", "a"));
                    ok(p.rename("d", "d"));
                    is("content", p.content("a"));
                }),
                rule("rename moves ctime of the inode and times of both directories", p -> {
                    p.dir("a", 0755).dir("b", 0755).file("a/f", 0644);
                    Stat inode = p.stat("a/f");
                    Stat from = p.stat("a");
                    Stat to = p.stat("b");
                    p.tick();
                    ok(p.rename("a/f", "b/f"));
                    yes("ctime moved", p.stat("b/f").changed().isAfter(inode.changed()));
                    is(inode.modified(), p.stat("b/f").modified());
                    yes("mtime of the old directory", p.stat("a").modified().isAfter(from.modified()));
                    yes("mtime of the new directory", p.stat("b").modified().isAfter(to.modified()));
                }),
                rule("rename of a directory moves the parents' links and its own dot-dot", p -> {
                    p.dir("a", 0755).dir("b", 0755).dir("a/d", 0755);
                    ok(p.rename("a/d", "b/d"));
                    is(2, p.stat("a").links());
                    is(3, p.stat("b").links());
                    is(p.stat("b").inode(), p.stat("b/d/..").inode());
                }),
                rule("rename over a directory takes its link away", p -> {
                    p.dir("a", 0755).dir("b", 0755);
                    int links = p.stat("").links();
                    ok(p.rename("a", "b"));
                    is(links - 1, p.stat("").links());
                }),
                rule("rename over a file with other names takes one link and moves its ctime", p -> {
                    p.file("a", 0644).file("b", 0644);
                    ok(p.link("b", "c"));
                    Stat before = p.stat("c");
                    p.tick();
                    ok(p.rename("a", "b"));
                    is(1, p.stat("c").links());
                    yes("ctime moved", p.stat("c").changed().isAfter(before.changed()));
                }),
                rule("rename needs write permission of both directories: EACCES", p -> {
                    p.dir("a", 0777).dir("b", 0755);
                    p.as(ALICE).file("a/f", 0644);
                    fails(EACCES, p.as(ALICE).rename("a/f", "b/f"));
                    ok(p.chmod("a", 0755));
                    ok(p.chmod("b", 0777));
                    fails(EACCES, p.as(ALICE).rename("a/f", "b/f"));
                }),
                rule("rename of a directory to another parent needs write permission of itself: EACCES", p -> {
                    p.dir("a", 0777).dir("b", 0777);
                    ok(p.mkdir("a/d", 0755));
                    fails(EACCES, p.as(ALICE).rename("a/d", "b/d"));
                    ok(p.as(ALICE).rename("a/d", "a/e"));
                }),
                rule("rename over what a sticky directory protects: EPERM", p -> {
                    p.dir("d", 0777);
                    ok(p.chmod("d", 01777));
                    p.as(ALICE).file("d/hers", 0666);
                    p.as(BOB).file("d/his", 0666);
                    fails(EPERM, p.as(BOB).rename("d/his", "d/hers"));
                    ok(p.as(ALICE).rename("d/hers", "d/new"));
                }),
                rule("RENAME_NOREPLACE over what exists: EEXIST; else a rename", Ability.RENAME_FLAGS, p -> {
                    p.file("a", "a").file("b", "b").dir("d", 0755);
                    fails(EEXIST, p.rename("a", "b", NOREPLACE));
                    fails(EEXIST, p.rename("a", "d", NOREPLACE));
                    fails(EEXIST, p.rename("a", "a", NOREPLACE));
                    ok(p.rename("a", "c", NOREPLACE));
                    is("a", p.content("c"));
                }),
                rule("RENAME_EXCHANGE swaps two of any kind and their links", Ability.RENAME_FLAGS, p -> {
                    p.dir("a", 0755)
                            .dir("b", 0755)
                            .file("a/f", "file")
                            .dir("b/d", 0755)
                            .file("b/d/x", 0644);
                    ok(p.rename("a/f", "b/d", EXCHANGE));
                    is("file", p.content("b/d"));
                    is(List.of("x"), p.list("a/f"));
                    is(3, p.stat("a").links());
                    is(2, p.stat("b").links());
                    is(p.stat("a").inode(), p.stat("a/f/..").inode());
                }),
                rule("RENAME_EXCHANGE with nothing: ENOENT; with both flags: EINVAL", Ability.RENAME_FLAGS, p -> {
                    p.file("a", 0644).file("b", 0644).dir("d", 0755).dir("d/e", 0755);
                    fails(ENOENT, p.rename("a", "no", EXCHANGE));
                    fails(EINVAL, p.rename("a", "b", NOREPLACE | EXCHANGE));
                    fails(EINVAL, p.rename("d", "d/e", EXCHANGE));
                    fails(EINVAL, p.rename("a", "b", 1 << 10));
                }),
                rule("RENAME_EXCHANGE moves the ctime of both", Ability.RENAME_FLAGS, p -> {
                    p.file("a", 0644).file("b", 0644);
                    Stat a = p.stat("a");
                    Stat b = p.stat("b");
                    p.tick();
                    ok(p.rename("a", "b", EXCHANGE));
                    yes("ctime moved", p.stat("b").changed().isAfter(a.changed()));
                    yes("ctime moved", p.stat("a").changed().isAfter(b.changed()));
                }),
                rule("RENAME_WHITEOUT leaves a character device 0:0 without rights", Ability.RENAME_FLAGS, p -> {
                    p.dir("to", 0755).file("f", "content").dir("d", 0755).file("d/x", 0644);
                    ok(p.symlink("x", "l"));
                    for (String name : List.of("f", "d", "l")) {
                        long inode = p.lstat(name).inode();
                        ok(p.rename(name, "to/" + name, WHITEOUT));
                        is(inode, p.lstat("to/" + name).inode());
                        Stat left = p.lstat(name);
                        octal(Stat.CHARACTER, left.mode());
                        is(List.of(0, 0, 1), List.of(left.major(), left.minor(), left.links()));
                    }
                    is("content", p.content("to/f"));
                    is(List.of("x"), p.list("to/d"));
                    is(3, p.stat("to").links());
                    fails(ENXIO, p.open("f", O_RDONLY, 0));
                    ok(p.unlink("d"));
                }),
                rule("RENAME_WHITEOUT replaces; with RENAME_NOREPLACE it does not", Ability.RENAME_FLAGS, p -> {
                    p.file("a", "a").file("b", "b").file("c", "c");
                    ok(p.rename("a", "b", WHITEOUT));
                    is("a", p.content("b"));
                    fails(EEXIST, p.rename("b", "c", WHITEOUT | NOREPLACE));
                    ok(p.rename("b", "d", WHITEOUT | NOREPLACE));
                    ok(p.rename("a", "b", WHITEOUT));
                    is(Stat.CHARACTER, p.lstat("a").type());
                    is(Stat.CHARACTER, p.lstat("b").type());
                    fails(EINVAL, p.rename("c", "d", WHITEOUT | EXCHANGE));
                    fails(ENOENT, p.rename("no", "x", WHITEOUT));
                    yes("nothing was left by failures", !p.exists("no") && !p.exists("x"));
                }),
                rule("RENAME_WHITEOUT onto itself and onto another link leaves nothing", Ability.RENAME_FLAGS, p -> {
                    p.file("a", "content");
                    ok(p.link("a", "b"));
                    ok(p.rename("a", "a", WHITEOUT));
                    ok(p.rename("a", "b", WHITEOUT));
                    is("content", p.content("a"));
                    is(2, p.stat("b").links());
                }),
                rule("RENAME_WHITEOUT and mknod of a device 0:0 need no privilege", Ability.RENAME_FLAGS, p -> {
                    p.dir("d", 0777);
                    p.as(ALICE).file("d/f", 0644);
                    ok(p.as(ALICE).rename("d/f", "d/g", WHITEOUT));
                    Stat left = p.lstat("d/f");
                    octal(Stat.CHARACTER, left.mode());
                    is(ALICE.uid(), left.uid());
                    is(ALICE.gid(), left.gid());
                    ok(p.as(BOB).mknod("d/n", Stat.CHARACTER | 0644, 0));
                    fails(EPERM, p.as(BOB).mknod("d/o", Stat.CHARACTER | 0644, 1));
                    fails(EPERM, p.as(BOB).mknod("d/o", Stat.BLOCK | 0644, 0));
                }),
                rule("rename and link to another filesystem: EXDEV", p -> {
                    p.file("f", 0644);
                    fails(
                            EXDEV,
                            p.rename(
                                    "f",
                                    "/dev/shm/qsfs-conformance-"
                                            + ProcessHandle.current().pid()));
                    fails(
                            EXDEV,
                            p.link(
                                    "f",
                                    "/dev/shm/qsfs-conformance-"
                                            + ProcessHandle.current().pid()));
                }));
    }
}
