package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;

/** chmod, chown, access: who may, and what else changes. */
final class AttributeRules {
    private AttributeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("chmod sets all twelve bits of files and directories", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    for (int mode : List.of(0, 0111, 0752, 01000, 02070, 04711, 07777)) {
                        ok(p.chmod("f", mode));
                        octal(mode, p.stat("f").permissions());
                        ok(p.chmod("d", mode));
                        octal(mode, p.stat("d").permissions());
                    }
                }),
                rule("chmod follows links and moves ctime only", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.chmod("l", 0600));
                    octal(0600, p.stat("f").permissions());
                    octal(0777, p.lstat("l").permissions());
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("chmod by others: EPERM, and nothing changes", p -> {
                    p.dir("d", 0777).file("d/f", 0666);
                    Stat before = p.stat("d/f");
                    p.tick();
                    fails(EPERM, p.as(ALICE).chmod("d/f", 0777));
                    is(before, p.stat("d/f"));
                    p.as(ALICE).file("d/g", 0644);
                    ok(p.as(ALICE).chmod("d/g", 0600));
                    fails(EPERM, p.as(BOB).chmod("d/g", 0777));
                }),
                rule("chmod with set-group-id by one who is not in the group drops the bit", p -> {
                    p.dir("d", 0777);
                    p.as(ALICE).file("d/f", 0644);
                    ok(p.chown("d/f", -1, BOB.gid()));
                    ok(p.as(ALICE).chmod("d/f", 02755));
                    octal(0755, p.stat("d/f").permissions());
                    ok(p.chown("d/f", -1, 10_100));
                    ok(p.as(ALICE).chmod("d/f", 02755));
                    octal(02755, p.stat("d/f").permissions());
                }),
                rule("chmod of nothing: ENOENT; through a file: ENOTDIR", p -> {
                    p.file("f", 0644);
                    fails(ENOENT, p.chmod("no", 0644));
                    fails(ENOTDIR, p.chmod("f/x", 0644));
                }),
                rule("fchmod works on descriptors for reading, of files and directories", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.fchmod(p.opened("f", O_RDONLY), 0600));
                    ok(p.fchmod(p.opened("d", O_RDONLY | O_DIRECTORY), 0700));
                    octal(0600, p.stat("f").permissions());
                    octal(0700, p.stat("d").permissions());
                }),
                rule("chown by the superuser sets what is not -1, and ctime", p -> {
                    p.file("f", 0644);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.chown("f", 123, -1));
                    is(123, p.stat("f").uid());
                    is(0, p.stat("f").gid());
                    ok(p.chown("f", -1, 456));
                    is(123, p.stat("f").uid());
                    is(456, p.stat("f").gid());
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("chown follows links, lchown does not", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    ok(p.chown("l", 11, 12));
                    ok(p.lchown("l", 21, 22));
                    is(11, p.stat("f").uid());
                    is(21, p.lstat("l").uid());
                    is(22, p.lstat("l").gid());
                }),
                rule("ids of 32 bits are kept", p -> {
                    p.file("f", 0644);
                    ok(p.chown("f", 0xfffffffe, 0x80000000));
                    is(0xfffffffe, p.stat("f").uid());
                    is(0x80000000, p.stat("f").gid());
                }),
                rule("an owner may give a file to a group of his, not to another user: EPERM", p -> {
                    p.dir("d", 0777);
                    p.as(ALICE).file("d/f", 0644);
                    fails(EPERM, p.as(ALICE).chown("d/f", BOB.uid(), -1));
                    fails(EPERM, p.as(ALICE).chown("d/f", -1, BOB.gid()));
                    ok(p.as(ALICE).chown("d/f", -1, 10_100));
                    ok(p.as(ALICE).chown("d/f", ALICE.uid(), ALICE.gid()));
                    fails(EPERM, p.as(BOB).chown("d/f", -1, BOB.gid()));
                }),
                rule("chown of a file by its owner takes set-user-id and set-group-id away", p -> {
                    p.dir("d", 0777);
                    p.as(ALICE).file("d/f", 0755);
                    ok(p.chmod("d/f", 06755));
                    ok(p.as(ALICE).chown("d/f", -1, 10_100));
                    octal(0755, p.stat("d/f").permissions());
                }),
                rule("chown of a file by the superuser takes them away, too", p -> {
                    p.file("f", 0644);
                    ok(p.chmod("f", 06755));
                    ok(p.chown("f", 5, 6));
                    octal(0755, p.stat("f").permissions());
                }),
                rule("chown leaves set-group-id without group execution, and that of directories", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.chmod("f", 02745));
                    ok(p.chmod("d", 06755));
                    ok(p.chown("f", 5, 6));
                    ok(p.chown("d", 5, 6));
                    octal(02745, p.stat("f").permissions());
                    octal(06755, p.stat("d").permissions());
                }),
                rule("a write by another takes set-user-id and set-group-id away", p -> {
                    p.file("f", 0666);
                    ok(p.chmod("f", 06777));
                    ok(p.as(ALICE).write(p.as(ALICE).opened("f", O_WRONLY), "x"));
                    octal(0777, p.stat("f").permissions());
                }),
                rule("who writes decides, not who opened", p -> {
                    p.file("f", 0666).file("g", 0666);
                    ok(p.chmod("f", 06777));
                    ok(p.chmod("g", 06777));
                    ok(p.write(p.as(ALICE).opened("f", O_WRONLY), "x"));
                    octal(06777, p.stat("f").permissions());
                    ok(p.as(ALICE).write(p.opened("g", O_WRONLY), "x"));
                    octal(0777, p.stat("g").permissions());
                }),
                rule("a write by one outside of the group takes set-group-id without group execution, too", p -> {
                    p.file("f", 0666);
                    ok(p.chmod("f", 02666));
                    ok(p.as(ALICE).write(p.as(ALICE).opened("f", O_WRONLY), "x"));
                    octal(0666, p.stat("f").permissions());
                    ok(p.chown("f", -1, 10_100));
                    ok(p.chmod("f", 02666));
                    ok(p.as(ALICE).write(p.as(ALICE).opened("f", O_WRONLY), "x"));
                    octal(02666, p.stat("f").permissions());
                }),
                rule("chown to nobody else takes them away all the same", p -> {
                    p.file("f", 0644);
                    ok(p.chmod("f", 06755));
                    ok(p.chown("f", -1, -1));
                    octal(0755, p.stat("f").permissions());
                }),
                rule("a write by the superuser leaves them", p -> {
                    p.file("f", 0666);
                    ok(p.chmod("f", 06777));
                    ok(p.write(p.opened("f", O_WRONLY), "x"));
                    octal(06777, p.stat("f").permissions());
                }),
                rule("truncate, ftruncate, O_TRUNC and fallocate by another take them away", p -> {
                    for (String how : List.of("truncate", "ftruncate", "O_TRUNC", "fallocate")) {
                        p.file(how, "content");
                        ok(p.chmod(how, 06777));
                        Place alice = p.as(ALICE);
                        switch (how) {
                            case "truncate" -> ok(alice.truncate(how, 3));
                            case "ftruncate" -> ok(alice.truncate(alice.opened(how, O_WRONLY), 3));
                            case "O_TRUNC" -> alice.opened(how, O_WRONLY | O_TRUNC);
                            default -> ok(alice.allocate(alice.opened(how, O_WRONLY), 0, 0, 100));
                        }
                        octal(0777, p.stat(how).permissions());
                    }
                }),
                rule("access answers by the mode for each user", p -> {
                    p.file("f", 0644);
                    ok(p.chown("f", ALICE.uid(), BOB.gid()));
                    ok(p.chmod("f", 0521));
                    ok(p.as(ALICE).access("f", 5));
                    fails(EACCES, p.as(ALICE).access("f", 2));
                    ok(p.as(BOB).access("f", 2));
                    fails(EACCES, p.as(BOB).access("f", 4));
                    ok(p.access("f", 7));
                    ok(p.chmod("f", 0666));
                    fails(EACCES, p.access("f", 1));
                    fails(ENOENT, p.access("no", 0));
                    fails(EINVAL, p.access("f", 8));
                }),
                rule("a file without any execute bit cannot be executed, not even by the superuser", p -> {
                    java.nio.file.Files.copy(
                            java.nio.file.Path.of("/bin/true"), p.path().resolve("f"));
                    ok(p.chmod("f", 0644));
                    try {
                        new ProcessBuilder(p.path() + "/f").start();
                        throw new AssertionError("it ran");
                    } catch (java.io.IOException e) {
                        yes("EACCES, not " + e, String.valueOf(e.getMessage()).contains("13"));
                    }
                }),
                rule("blocks count what is held, not holes", p -> {
                    p.file("f", 0644);
                    int f = p.opened("f", O_WRONLY);
                    ok(p.write(f, "x".repeat(65_536), 1L << 30));
                    ok(p.call("fsync", f));
                    long blocks = p.stat("f").blocks();
                    yes("some: " + blocks, blocks >= 128 && blocks < 1024);
                }));
    }
}
