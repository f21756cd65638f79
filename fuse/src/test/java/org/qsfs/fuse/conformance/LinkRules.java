package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;

/** link, unlink, rmdir and what they do to times and counts. */
final class LinkRules {
    private LinkRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("link makes a second name of the same inode and counts it", p -> {
                    p.file("a", "content").dir("d", 0755);
                    ok(p.link("a", "d/b"));
                    is(p.stat("a").inode(), p.stat("d/b").inode());
                    is(2, p.stat("a").links());
                    ok(p.chmod("a", 0600));
                    octal(0600, p.stat("d/b").permissions());
                    ok(p.unlink("a"));
                    is(1, p.stat("d/b").links());
                    is("content", p.content("d/b"));
                }),
                rule("link moves the inode's ctime and the directory's times, not the inode's mtime", p -> {
                    p.file("a", 0644).dir("d", 0755);
                    Stat inode = p.stat("a");
                    Stat directory = p.stat("d");
                    p.tick();
                    ok(p.link("a", "d/b"));
                    yes("ctime moved", p.stat("a").changed().isAfter(inode.changed()));
                    is(inode.modified(), p.stat("a").modified());
                    yes("mtime moved", p.stat("d").modified().isAfter(directory.modified()));
                    yes("ctime moved", p.stat("d").changed().isAfter(directory.changed()));
                }),
                rule("link works on fifos, sockets, devices and links", p -> {
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    ok(p.mknod("s", Stat.SOCKET | 0644, 0));
                    ok(p.mknod("c", Stat.CHARACTER | 0644, 0x0103));
                    ok(p.symlink("nowhere", "l"));
                    for (String name : List.of("p", "s", "c", "l")) {
                        ok(p.link(name, name + "2"));
                        is(2, p.lstat(name).links());
                        is(p.lstat(name).inode(), p.lstat(name + "2").inode());
                    }
                }),
                rule("linkat(AT_SYMLINK_FOLLOW) links the target", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    ok(p.call("linkat", AT_FDCWD, p.path() + "/l", AT_FDCWD, p.path() + "/g", AT_SYMLINK_FOLLOW));
                    is(p.stat("f").inode(), p.lstat("g").inode());
                }),
                rule("link of a directory: EPERM; over what exists: EEXIST; of nothing: ENOENT", p -> {
                    p.dir("d", 0755).file("f", 0644).file("g", 0644);
                    fails(EPERM, p.link("d", "e"));
                    fails(EEXIST, p.link("f", "g"));
                    fails(EEXIST, p.link("f", "d"));
                    fails(ENOENT, p.link("no", "x"));
                    fails(ENOENT, p.link("f", "no/x"));
                    fails(ENOTDIR, p.link("f", "g/x"));
                }),
                rule("link into a directory without write permission: EACCES", p -> {
                    p.dir("d", 0755).dir("w", 0777);
                    p.as(ALICE).file("w/f", 0644);
                    fails(EACCES, p.as(ALICE).link("w/f", "d/f"));
                    ok(p.as(ALICE).link("w/f", "w/g"));
                }),
                rule("unlink takes one name away and moves ctime of the others", p -> {
                    p.file("a", 0644);
                    ok(p.link("a", "b"));
                    Stat before = p.stat("b");
                    p.tick();
                    ok(p.unlink("a"));
                    yes("ctime moved", p.stat("b").changed().isAfter(before.changed()));
                    is(before.modified(), p.stat("b").modified());
                    fails(ENOENT, p.statError("a"));
                }),
                rule("unlink moves the directory's times", p -> {
                    p.dir("d", 0755).file("d/f", 0644);
                    Stat before = p.stat("d");
                    p.tick();
                    ok(p.unlink("d/f"));
                    yes("mtime moved", p.stat("d").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("d").changed().isAfter(before.changed()));
                }),
                rule("unlink of a directory: EISDIR; of nothing: ENOENT; below a file: ENOTDIR", p -> {
                    p.dir("d", 0755).file("f", 0644);
                    fails(EISDIR, p.unlink("d"));
                    fails(ENOENT, p.unlink("no"));
                    fails(ENOTDIR, p.unlink("f/x"));
                    fails(ENOTDIR, p.unlink("f/"));
                }),
                rule("unlink takes a link away, not its target", p -> {
                    p.file("f", "content");
                    ok(p.symlink("f", "l"));
                    ok(p.unlink("l"));
                    is("content", p.content("f"));
                }),
                rule("unlink needs write and search permission of the directory, not of the file", p -> {
                    p.dir("d", 0777).file("d/f", 0);
                    ok(p.chmod("d", 0755));
                    fails(EACCES, p.as(ALICE).unlink("d/f"));
                    ok(p.chmod("d", 0776));
                    fails(EACCES, p.as(ALICE).unlink("d/f"));
                    ok(p.chmod("d", 0777));
                    ok(p.as(ALICE).unlink("d/f"));
                }),
                rule("in a sticky directory only the owners of file and directory may remove: EPERM", p -> {
                    p.dir("d", 0777);
                    ok(p.chmod("d", 01777));
                    p.as(ALICE).file("d/f", 0666);
                    p.as(ALICE).dir("d/sub", 0777);
                    fails(EPERM, p.as(BOB).unlink("d/f"));
                    fails(EPERM, p.as(BOB).rmdir("d/sub"));
                    fails(EPERM, p.as(BOB).rename("d/f", "d/g"));
                    p.as(BOB).file("d/mine", 0644);
                    fails(EPERM, p.as(BOB).rename("d/mine", "d/f"));
                    ok(p.as(ALICE).rename("d/f", "d/g"));
                    ok(p.as(ALICE).unlink("d/g"));
                    ok(p.chown("d", BOB.uid(), -1));
                    ok(p.as(BOB).rmdir("d/sub"));
                }),
                rule("rmdir of what is not empty: ENOTEMPTY; of a file: ENOTDIR; of nothing: ENOENT", p -> {
                    p.dir("d", 0755).dir("d/e", 0755).file("f", 0644);
                    fails(ENOTEMPTY, p.rmdir("d"));
                    fails(ENOTDIR, p.rmdir("f"));
                    fails(ENOENT, p.rmdir("no"));
                    fails(ENOTDIR, p.rmdir("f/x"));
                    ok(p.rmdir("d/e"));
                    ok(p.rmdir("d"));
                }),
                rule("rmdir of a path that ends in dot: EINVAL; in two: ENOTEMPTY", p -> {
                    p.dir("d", 0755).dir("d/e", 0755);
                    fails(EINVAL, p.rmdir("d/e/."));
                    fails(ENOTEMPTY, p.rmdir("d/e/.."));
                }),
                rule("rmdir of a link to a directory: ENOTDIR", p -> {
                    p.dir("d", 0755);
                    ok(p.symlink("d", "l"));
                    fails(ENOTDIR, p.rmdir("l"));
                }),
                rule("rmdir moves the parent's times and takes its link", p -> {
                    p.dir("d", 0755).dir("d/e", 0755);
                    Stat before = p.stat("d");
                    p.tick();
                    ok(p.rmdir("d/e"));
                    is(2, p.stat("d").links());
                    yes("mtime moved", p.stat("d").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("d").changed().isAfter(before.changed()));
                }),
                rule("a failed unlink, rmdir or link changes no time", p -> {
                    p.dir("d", 0755).file("d/f", 0644).dir("d/e", 0755).file("d/e/f", 0644);
                    Stat before = p.stat("d");
                    Stat file = p.stat("d/f");
                    p.tick();
                    fails(EACCES, p.as(ALICE).unlink("d/f"));
                    fails(ENOTEMPTY, p.rmdir("d/e"));
                    fails(EEXIST, p.link("d/f", "d/e"));
                    is(before.changed(), p.stat("d").changed());
                    is(file.changed(), p.stat("d/f").changed());
                }),
                rule("1,000 names of one inode", p -> {
                    p.file("f", 0644);
                    for (int i = 0; i < 999; i++) {
                        ok(p.link("f", "f" + i));
                    }
                    is(1000, p.stat("f").links());
                    is(1000, p.list("").size());
                }));
    }
}
