package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Making things: open with O_CREAT, mkdir, mknod, symlink. */
final class CreationRules {
    private CreationRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("open(O_CREAT) makes a file with the mode less the umask, owned by the caller", p -> {
                    p.dir("d", 0777);
                    p.call("umask", 027);
                    ok(p.as(ALICE).open("d/f", O_CREAT | O_WRONLY, 0666));
                    p.call("umask", 0);
                    Stat f = p.stat("d/f");
                    octal(0640, f.permissions());
                    is(ALICE.uid(), f.uid());
                    is(ALICE.gid(), f.gid());
                    is(Stat.REGULAR, f.type());
                    is(0L, f.size());
                    is(1, f.links());
                }),
                rule("open(O_CREAT) with mode 0 gives a descriptor that can write", p -> {
                    p.dir("d", 0777);
                    int f = (int) ok(p.as(ALICE).open("d/f", O_CREAT | O_RDWR, 0));
                    ok(p.write(f, "x"));
                    is("x", p.read(f, 0, 9));
                    fails(EACCES, p.as(ALICE).open("d/f", O_RDONLY, 0));
                }),
                rule("open(O_CREAT) of a file that exists opens it and keeps its mode", p -> {
                    p.file("f", "content");
                    ok(p.open("f", O_CREAT | O_RDWR, 0600));
                    octal(0644, p.stat("f").permissions());
                    is("content", p.content("f"));
                }),
                rule("open(O_CREAT|O_EXCL) of anything that exists: EEXIST", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.symlink("nowhere", "l"));
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    for (String name : List.of("f", "d", "l", "p")) {
                        fails(EEXIST, p.open(name, O_CREAT | O_EXCL | O_RDWR, 0644));
                    }
                }),
                rule("open(O_CREAT) through a dangling link makes the target", p -> {
                    ok(p.symlink("made", "l"));
                    ok(p.open("l", O_CREAT | O_WRONLY, 0644));
                    is(Stat.REGULAR, p.lstat("made").type());
                }),
                rule("open(O_CREAT) in a directory without write permission: EACCES", p -> {
                    p.dir("d", 0755);
                    fails(EACCES, p.as(ALICE).open("d/f", O_CREAT | O_WRONLY, 0644));
                    fails(EACCES, p.as(ALICE).mkdir("d/f", 0755));
                    fails(EACCES, p.as(ALICE).symlink("x", "d/f"));
                    fails(EACCES, p.as(ALICE).mknod("d/f", Stat.FIFO | 0644, 0));
                    is(List.of(), p.list("d"));
                }),
                rule("making anything moves the directory's mtime and ctime", p -> {
                    p.dir("d", 0755);
                    for (String kind : List.of("file", "dir", "symlink", "fifo")) {
                        Stat before = p.stat("d");
                        p.tick();
                        switch (kind) {
                            case "file" -> p.file("d/file", 0644);
                            case "dir" -> p.dir("d/dir", 0755);
                            case "symlink" -> ok(p.symlink("x", "d/symlink"));
                            default -> ok(p.mknod("d/fifo", Stat.FIFO | 0644, 0));
                        }
                        Stat after = p.stat("d");
                        yes(kind + " moves mtime", after.modified().isAfter(before.modified()));
                        yes(kind + " moves ctime", after.changed().isAfter(before.changed()));
                    }
                }),
                rule("a new inode has three equal times that are now", p -> {
                    Stat before = p.stat("");
                    p.tick();
                    p.file("f", 0644).dir("d", 0755);
                    for (String name : List.of("f", "d")) {
                        Stat s = p.stat(name);
                        is(s.accessed(), s.modified());
                        is(s.modified(), s.changed());
                        yes("later than what was before", s.changed().isAfter(before.changed()));
                    }
                }),
                rule("O_TMPFILE makes a file without a name, which linkat may give it", Ability.NAMELESS_FILES, p -> {
                    p.dir("d", 0777);
                    p.call("umask", 027);
                    int f = (int) ok(p.as(ALICE).open("d", O_TMPFILE | O_RDWR, 0666));
                    p.call("umask", 0);
                    is(0, p.stat(f).links());
                    is(ALICE.uid(), p.stat(f).uid());
                    octal(0640, p.stat(f).permissions());
                    is(List.of(), p.list("d"));
                    ok(p.write(f, "content"));
                    ok(name(p, f, "d/named"));
                    is(1, p.stat(f).links());
                    ok(name(p, f, "d/again"));
                    p.close(f);
                    is("content", p.content("d/named"));
                    is(2, p.stat("d/again").links());
                    ok(p.unlink("d/named"));
                    is("content", p.content("d/again"));
                }),
                rule("O_TMPFILE with O_EXCL never gets a name: ENOENT", Ability.NAMELESS_FILES, p -> {
                    int f = (int) ok(p.open("", O_TMPFILE | O_EXCL | O_RDWR, 0644));
                    ok(p.write(f, "content"));
                    fails(ENOENT, name(p, f, "named"));
                    is("content", p.read(f, 0, 9));
                }),
                rule(
                        "O_TMPFILE: EACCES without write permission, EINVAL for reading only",
                        Ability.NAMELESS_FILES,
                        p -> {
                            p.dir("d", 0755).file("f", 0644);
                            fails(EACCES, p.as(ALICE).open("d", O_TMPFILE | O_RDWR, 0644));
                            fails(EINVAL, p.open("d", O_TMPFILE | O_RDONLY, 0644));
                            fails(ENOENT, p.open("no", O_TMPFILE | O_RDWR, 0644));
                            fails(ENOTDIR, p.open("f", O_TMPFILE | O_RDWR, 0644));
                        }),
                rule("mkdir takes the mode less the umask and the sticky bit, and has two links", p -> {
                    p.call("umask", 022);
                    ok(p.mkdir("d", 01777));
                    p.call("umask", 0);
                    Stat d = p.stat("d");
                    octal(01755, d.permissions());
                    is(Stat.DIRECTORY, d.type());
                    is(2, d.links());
                }),
                rule("mkdir of a name that exists: EEXIST, whatever it is", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.symlink("nowhere", "l"));
                    for (String name : List.of("f", "d", "l", "d/.")) {
                        fails(EEXIST, p.mkdir(name, 0755));
                    }
                }),
                rule("mkdir below what does not exist: ENOENT; below a file: ENOTDIR", p -> {
                    p.file("f", 0644);
                    fails(ENOENT, p.mkdir("no/d", 0755));
                    fails(ENOTDIR, p.mkdir("f/d", 0755));
                }),
                rule("mkdir adds a link to the parent and rmdir takes it away", p -> {
                    p.dir("d", 0755).dir("d/a", 0755).dir("d/b", 0755);
                    is(4, p.stat("d").links());
                    ok(p.rmdir("d/a"));
                    is(3, p.stat("d").links());
                }),
                rule("in a set-group-id directory everything gets its group and directories the bit", p -> {
                    p.dir("d", 0777);
                    ok(p.chown("d", -1, 10_100));
                    ok(p.chmod("d", 02777));
                    p.as(BOB).file("d/f", 0644);
                    p.as(BOB).dir("d/sub", 0755);
                    is(10_100, p.stat("d/f").gid());
                    is(10_100, p.stat("d/sub").gid());
                    octal(02755, p.stat("d/sub").permissions());
                    octal(0644, p.stat("d/f").permissions());
                }),
                rule("a file made with set-group-id in a group the maker is not in loses the bit", p -> {
                    p.dir("d", 0777);
                    ok(p.chown("d", -1, 10_100));
                    ok(p.chmod("d", 02777));
                    ok(p.as(BOB).open("d/f", O_CREAT | O_WRONLY, 02755));
                    octal(0755, p.stat("d/f").permissions());
                    ok(p.as(ALICE).open("d/g", O_CREAT | O_WRONLY, 02755));
                    octal(02755, p.stat("d/g").permissions());
                }),
                rule("mknod makes fifos, sockets and regular files for everybody", p -> {
                    p.dir("d", 0777);
                    for (int type : List.of(Stat.FIFO, Stat.SOCKET, Stat.REGULAR)) {
                        ok(p.as(ALICE).mknod("d/n" + type, type | 0640, 0));
                        octal(0640, p.stat("d/n" + type).permissions());
                        is(type, p.stat("d/n" + type).type());
                    }
                }),
                rule("mknod makes devices for the superuser only and keeps their numbers", p -> {
                    p.dir("d", 0777);
                    for (int type : List.of(Stat.CHARACTER, Stat.BLOCK)) {
                        fails(EPERM, p.as(ALICE).mknod("d/n", type | 0644, 0x0103));
                        // major 259, minor 65,537: more bits than the old 8 and 8
                        long device = ((65_537L & ~0xffL) << 12) | (259L << 8) | (65_537L & 0xff);
                        ok(p.mknod("d/n", type | 0644, device));
                        Stat s = p.stat("d/n");
                        is(type, s.type());
                        is(259, s.major());
                        is(65_537, s.minor());
                        ok(p.unlink("d/n"));
                    }
                }),
                rule("mknod of a name that exists: EEXIST", p -> {
                    p.file("f", 0644);
                    fails(EEXIST, p.mknod("f", Stat.FIFO | 0644, 0));
                }),
                rule("symlink keeps any target and has mode 0777 whatever the umask", p -> {
                    p.call("umask", 077);
                    ok(p.symlink("no//such/../thing", "l"));
                    p.call("umask", 0);
                    is("no//such/../thing", p.target("l"));
                    octal(0777, p.lstat("l").permissions());
                    is(17L, p.lstat("l").size());
                    is(Stat.SYMLINK, p.lstat("l").type());
                }),
                rule("symlink to an empty target: ENOENT; over what exists: EEXIST", p -> {
                    p.file("f", 0644);
                    fails(ENOENT, p.symlink("", "l"));
                    fails(EEXIST, p.symlink("x", "f"));
                }),
                rule("symlink of 4,095 bytes is kept; of 4,096: ENAMETOOLONG", p -> {
                    String longest = "x/".repeat(2047) + "x";
                    ok(p.symlink(longest, "l"));
                    is(longest, p.target("l"));
                    fails(ENAMETOOLONG, p.symlink(longest + "y", "m"));
                }),
                rule("readlink of what is no link: EINVAL; of nothing: ENOENT", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    fails(EINVAL, p.readlink("f"));
                    fails(EINVAL, p.readlink("d"));
                    fails(ENOENT, p.readlink("no"));
                    fails(ENOTDIR, p.readlink("f/no"));
                }),
                rule("readlink gives as much of a target as there is room for", p -> {
                    ok(p.symlink("target", "l"));
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        is(3L, ok(p.call("readlink", p.path() + "/l", arena.allocate(8), 3L)));
                    }
                }));
    }

    private static long name(Place p, int descriptor, String path) {
        return p.call(
                "linkat", AT_FDCWD, "/proc/self/fd/" + descriptor, AT_FDCWD, p.path() + "/" + path, AT_SYMLINK_FOLLOW);
    }
}
