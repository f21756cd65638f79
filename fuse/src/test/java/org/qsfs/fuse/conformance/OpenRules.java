package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Opening, reading and writing. */
final class OpenRules {
    private OpenRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("open of what does not exist: ENOENT", p -> {
                    fails(ENOENT, p.open("no", O_RDONLY, 0));
                    fails(ENOENT, p.open("no/no", O_CREAT | O_RDWR, 0644));
                    fails(ENOENT, p.call("open", "", O_RDONLY, 0));
                }),
                rule("open of a directory for writing: EISDIR", p -> {
                    p.dir("d", 0755);
                    for (int flags : List.of(O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC)) {
                        fails(EISDIR, p.open("d", flags, 0));
                    }
                    ok(p.open("d", O_RDONLY | O_DIRECTORY, 0));
                }),
                rule("read of a directory: EISDIR", p -> fails(EISDIR, p.readResult(p.opened("", O_RDONLY), 10))),
                rule("open(O_DIRECTORY) of a file: ENOTDIR", p -> {
                    p.file("f", 0644);
                    fails(ENOTDIR, p.open("f", O_DIRECTORY, 0));
                    fails(ENOTDIR, p.open("f/", O_RDONLY, 0));
                }),
                rule("open(O_NOFOLLOW) of a link: ELOOP", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    fails(ELOOP, p.open("l", O_RDONLY | O_NOFOLLOW, 0));
                    ok(p.open("f", O_RDONLY | O_NOFOLLOW, 0));
                }),
                rule("links that lead to each other: ELOOP", p -> {
                    ok(p.symlink("b", "a"));
                    ok(p.symlink("a", "b"));
                    fails(ELOOP, p.open("a", O_RDONLY, 0));
                    fails(ELOOP, p.statError("a"));
                    fails(ELOOP, p.mkdir("a/d", 0755));
                    fails(ELOOP, p.chmod("a", 0644));
                }),
                rule("open checks the owner's, the group's and the others' bits, each alone", p -> {
                    p.file("f", 0644);
                    ok(p.chown("f", ALICE.uid(), BOB.gid()));
                    for (int bits = 0; bits < 8; bits++) {
                        ok(p.chmod("f", bits << 6));
                        opens(p.as(ALICE), bits);
                        ok(p.chmod("f", bits << 3));
                        opens(p.as(BOB), bits);
                        opens(p.as(ALICE), 0);
                        ok(p.chmod("f", bits));
                        opens(p.as(new Native.User(10_009, 10_009)), bits);
                        opens(p.as(BOB), 0);
                    }
                }),
                rule("a supplementary group gives its rights", p -> {
                    p.file("f", 0040);
                    ok(p.chown("f", -1, 10_100));
                    ok(p.as(ALICE).open("f", O_RDONLY, 0));
                    fails(EACCES, p.as(BOB).open("f", O_RDONLY, 0));
                }),
                rule("every directory of a path needs search permission", p -> {
                    p.dir("a", 0755).dir("a/b", 0755).file("a/b/f", 0666);
                    ok(p.as(ALICE).open("a/b/f", O_RDWR, 0));
                    ok(p.chmod("a", 0666));
                    fails(EACCES, p.as(ALICE).open("a/b/f", O_RDONLY, 0));
                    fails(EACCES, p.as(ALICE).statError("a/b/f"));
                    fails(EACCES, p.as(ALICE).chmod("a/b/f", 0600));
                    ok(p.open("a/b/f", O_RDONLY, 0));
                }),
                rule("a directory without read permission can be entered but not listed", p -> {
                    p.dir("d", 0711).file("d/f", 0644);
                    fails(EACCES, p.as(ALICE).open("d", O_RDONLY | O_DIRECTORY, 0));
                    ok(p.as(ALICE).open("d/f", O_RDONLY, 0));
                }),
                rule("rights of an open descriptor outlive a chmod", p -> {
                    p.file("f", 0666);
                    int f = p.as(ALICE).opened("f", O_RDWR);
                    ok(p.chmod("f", 0));
                    ok(p.as(ALICE).write(f, "still"));
                    is("still", p.as(ALICE).read(f, 0, 9));
                }),
                rule("a descriptor for reading cannot write and the other way round: EBADF", p -> {
                    p.file("f", "content");
                    fails(EBADF, p.write(p.opened("f", O_RDONLY), "x"));
                    fails(EBADF, p.readResult(p.opened("f", O_WRONLY), 1));
                    fails(EBADF, p.write(p.opened("f", O_PATH), "x"));
                }),
                rule("O_TRUNC empties a file, moves its times and keeps its inode", p -> {
                    p.file("f", "content");
                    Stat before = p.stat("f");
                    p.tick();
                    p.opened("f", O_WRONLY | O_TRUNC);
                    Stat after = p.stat("f");
                    is(0L, after.size());
                    is(0L, after.blocks());
                    is(before.inode(), after.inode());
                    yes("mtime moved", after.modified().isAfter(before.modified()));
                    yes("ctime moved", after.changed().isAfter(before.changed()));
                }),
                rule("O_TRUNC without write permission: EACCES, and nothing is lost", p -> {
                    p.file("f", "content");
                    ok(p.chmod("f", 0444));
                    fails(EACCES, p.as(ALICE).open("f", O_RDONLY | O_TRUNC, 0));
                    fails(EACCES, p.as(ALICE).open("f", O_WRONLY | O_TRUNC, 0));
                    is("content", p.content("f"));
                }),
                rule("O_APPEND writes at the end wherever the descriptor stands", p -> {
                    p.file("f", "one");
                    int f = p.opened("f", O_RDWR | O_APPEND);
                    ok(p.seek(f, 0, 0));
                    ok(p.write(f, "two"));
                    is(6L, p.seek(f, 0, 1));
                    ok(p.write(f, "three", 0));
                    is("onetwothree", p.content("f"));
                }),
                rule("O_APPEND of many writers loses nothing", OpenRules::manyAppend),
                rule("a write moves mtime and ctime, a write of nothing does not", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_WRONLY);
                    Stat before = p.stat("f");
                    p.tick();
                    is(0L, p.write(f, ""));
                    is(before.modified(), p.stat("f").modified());
                    ok(p.write(f, "x"));
                    ok(p.call("fsync", f));
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                }),
                rule("a write behind the end leaves zeros between", p -> {
                    p.file("f", "ab");
                    ok(p.write(p.opened("f", O_WRONLY), "z", 9_000));
                    is(9_001L, p.stat("f").size());
                    is("ab" + "\0".repeat(8_998) + "z", p.content("f"));
                }),
                rule("a read at and behind the end gives nothing, across it what there is", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDONLY);
                    is("", p.read(f, 7, 10));
                    is("", p.read(f, 1L << 40, 10));
                    is("tent", p.read(f, 3, 10));
                }),
                rule("pread and pwrite leave the offset alone", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    ok(p.seek(f, 2, 0));
                    p.read(f, 5, 2);
                    ok(p.write(f, "C", 0));
                    is(2L, p.seek(f, 0, 1));
                }),
                rule("pread and pwrite before the beginning: EINVAL", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    fails(EINVAL, p.write(f, "x", -1));
                    fails(EINVAL, p.seek(f, -1, 0));
                    fails(EINVAL, p.seek(f, 0, 99));
                }),
                rule("what one descriptor writes another reads at once", p -> {
                    int a = p.opened("f", O_CREAT | O_RDWR);
                    int b = p.opened("f", O_RDONLY);
                    for (int i = 0; i < 20; i++) {
                        ok(p.write(a, "piece" + i, i * 5_000L));
                        is("piece" + i, p.read(b, i * 5_000L, ("piece" + i).length()));
                    }
                }),
                rule("O_SYNC and O_DSYNC write like others", p -> {
                    for (int flag : List.of(O_SYNC, O_DSYNC)) {
                        int f = p.opened("f" + flag, O_CREAT | O_RDWR | flag);
                        ok(p.write(f, "synchronous"));
                        is("synchronous", p.content("f" + flag));
                    }
                }),
                rule("O_DIRECT reads what was written, and the cache sees what it writes", p -> {
                    p.file("f", "c".repeat(8192));
                    int direct = p.opened("f", O_RDWR | O_DIRECT);
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        var page = arena.allocate(4096, 4096);
                        is("c".repeat(8192), p.content("f"));
                        is(4096L, ok(p.call("pread", direct, page, 4096L, 4096L)));
                        is((byte) 'c', page.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 4095));
                        page.fill((byte) 'd');
                        is(4096L, ok(p.call("pwrite", direct, page, 4096L, 0L)));
                        is("d".repeat(4096) + "c".repeat(4096), p.content("f"));
                    }
                }),
                rule("fsync and fdatasync of files and directories", p -> {
                    int f = p.opened("f", O_CREAT | O_WRONLY);
                    ok(p.write(f, "x"));
                    ok(p.call("fsync", f));
                    ok(p.call("fdatasync", f));
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    ok(p.call("fsync", d));
                    ok(p.call("fdatasync", d));
                    ok(p.call("syncfs", d));
                }),
                rule("fsync of a closed descriptor: EBADF", p -> fails(EBADF, p.call("fsync", 1_000_000))),
                rule("a fifo passes bytes between two openers", p -> {
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    fails(ENXIO, p.open("p", O_WRONLY | O_NONBLOCK, 0));
                    int reader = p.opened("p", O_RDONLY | O_NONBLOCK);
                    int writer = p.opened("p", O_WRONLY | O_NONBLOCK);
                    ok(p.write(writer, "through"));
                    is(7L, p.readResult(reader, 10));
                }),
                rule("open of a socket: ENXIO", p -> {
                    ok(p.mknod("s", Stat.SOCKET | 0644, 0));
                    fails(ENXIO, p.open("s", O_RDWR, 0));
                }),
                rule("an open file lives on without a name until it is closed", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "before"));
                    ok(p.unlink("f"));
                    is(0, p.stat(f).links());
                    ok(p.write(f, " after"));
                    is("before after", p.read(f, 0, 99));
                    ok(p.truncate(f, 3));
                    ok(p.fchmod(f, 0600));
                    ok(p.fchown(f, 1, 2));
                    is(3L, p.stat(f).size());
                    octal(0600, p.stat(f).permissions());
                    fails(ENOENT, p.statError("f"));
                    p.file("f", "another");
                    is("bef", p.read(f, 0, 99));
                }),
                rule("an open directory lives on after rmdir, empty", p -> {
                    p.dir("d", 0755);
                    int d = p.opened("d", O_RDONLY | O_DIRECTORY);
                    ok(p.rmdir("d"));
                    is(0, p.stat(d).links());
                    fails(ENOENT, p.call("openat", d, "f", O_CREAT | O_WRONLY, 0644));
                    fails(ENOENT, p.call("mkdirat", d, "sub", 0755));
                }),
                rule("an executable runs, and cannot be written while it runs", OpenRules::execution),
                rule("who may run a file and not read it runs it", p -> {
                    java.nio.file.Files.copy(
                            java.nio.file.Path.of("/bin/true"), p.path().resolve("true"));
                    ok(p.chmod("true", 0711));
                    String setUser = "$) = '10001 10001'; $> = 10001; ";
                    is(0, perl(setUser + "exec { $ARGV[0] } 'true' or exit 9", p.path() + "/true"));
                    is(13, perl(setUser + "open F, '<', $ARGV[0] and exit 0; exit $!", p.path() + "/true"));
                    ok(p.chmod("true", 0744));
                    is(13, perl(setUser + "exec { $ARGV[0] } 'true' or exit $!", p.path() + "/true"));
                }),
                rule("O_PATH gives a descriptor for fstat and openat", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_PATH);
                    is(7L, p.stat(f).size());
                    is("content", p.content("/proc/self/fd/" + f));
                }));
    }

    private static void opens(Place p, int bits) {
        int[] flags = {O_RDONLY, O_WRONLY, O_RDWR};
        int[] needed = {4, 2, 6};
        for (int i = 0; i < flags.length; i++) {
            long result = p.open("f", flags[i], 0);
            if ((bits & needed[i]) == needed[i]) {
                p.close((int) ok(result));
            } else {
                fails(EACCES, result);
            }
        }
    }

    private static void manyAppend(Place p) throws Exception {
        p.file("f", 0644);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new java.util.ArrayList<>();
            for (int t = 0; t < 4; t++) {
                char mark = (char) ('a' + t);
                all.add(threads.submit(() -> {
                    Place mine = new Place(p.path());
                    int f = mine.opened("f", O_WRONLY | O_APPEND);
                    for (int i = 0; i < 50; i++) {
                        is(97L, ok(mine.write(f, String.valueOf(mark).repeat(96) + "\n")));
                    }
                    mine.close(f);
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        List<String> lines = p.content("f").lines().toList();
        is(200, lines.size());
        yes(
                "no line is torn",
                lines.stream().allMatch(line -> line.chars().distinct().count() == 1));
    }

    /** @return the status that the program ends with */
    private static int perl(String program, String argument) throws Exception {
        return new ProcessBuilder("perl", "-e", program, argument).start().waitFor();
    }

    private static void execution(Place p) throws Exception {
        java.nio.file.Path program = p.path().resolve("program");
        java.nio.file.Files.copy(java.nio.file.Path.of("/bin/sleep"), program);
        ok(p.chmod("program", 0755));
        Process process = new ProcessBuilder(program.toString(), "30").start();
        try {
            int textFileBusy = 26;
            java.nio.file.Path running = java.nio.file.Path.of("/proc/" + process.pid() + "/exe");
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (!java.nio.file.Files.readSymbolicLink(running).equals(program)) {
                yes("the program starts", System.nanoTime() < deadline && process.isAlive());
            }
            is(-(long) textFileBusy, p.open("program", O_WRONLY, 0));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
