package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules at the edges of attributes, times, listings and limits. */
final class EdgeRules {
    private EdgeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("utimensat that omits the modification time moves ctime all the same", p -> {
                    p.file("f", 0644);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.times("f", 0, UTIME_NOW, 0, UTIME_OMIT));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("ftruncate to a larger size moves mtime and ctime", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.truncate(f, 100));
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                }),
                rule("a read leaves atime when it is later than mtime", p -> {
                    p.file("f", "content");
                    Instant recently = Instant.now().minusSeconds(60);
                    ok(p.times("f", recently, Instant.ofEpochSecond(100)));
                    p.tick();
                    Stat before = p.stat("f");
                    p.content("f");
                    // ctime is later: the first read after a change counts
                    Instant after = p.stat("f").accessed();
                    p.content("f");
                    is(after, p.stat("f").accessed());
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("an attribute's name may hold slashes, one letter and any bytes", p -> {
                    p.file("f", 0644);
                    for (String name : List.of("user.a/b", "user.x", "user./", "user.\u00e9", "user.e\u0301")) {
                        ok(p.setxattr("f", name, name.getBytes(StandardCharsets.UTF_8), 0));
                    }
                    for (String name : List.of("user.a/b", "user.x", "user./", "user.\u00e9", "user.e\u0301")) {
                        is(name, new String(p.xattr("f", name), StandardCharsets.UTF_8));
                    }
                }),
                rule("XATTR_REPLACE of a small value by a large one and back", p -> {
                    p.file("f", 0644);
                    ok(p.setxattr("f", "user.a", new byte[1], 1));
                    ok(p.setxattr("f", "user.a", new byte[2_048], 2));
                    is(2_048, p.xattr("f", "user.a").length);
                    ok(p.setxattr("f", "user.a", new byte[1], 2));
                    is(1, p.xattr("f", "user.a").length);
                }),
                rule("listxattr: how much is needed, ERANGE below, all of it at that", p -> {
                    p.file("f", 0644);
                    ok(p.setxattr("f", "user.one", new byte[1], 0));
                    ok(p.setxattr("f", "user.two", new byte[1], 0));
                    try (Arena arena = Arena.ofConfined()) {
                        var room = arena.allocate(100);
                        String path = p.path() + "/f";
                        long needed = ok(p.call("listxattr", path, room, 0L));
                        yes("two names", needed >= 18);
                        fails(ERANGE, p.call("listxattr", path, room, needed - 1));
                        fails(ERANGE, p.call("listxattr", path, room, 1L));
                        is(needed, p.call("listxattr", path, room, needed));
                    }
                }),
                rule("trusted attributes on fifos, sockets and devices", p -> {
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    ok(p.mknod("s", Stat.SOCKET | 0644, 0));
                    ok(p.mknod("c", Stat.CHARACTER | 0644, 0x0103));
                    for (String name : List.of("p", "s", "c")) {
                        ok(p.setxattr(name, "trusted.a", new byte[] {7}, 0));
                        is(1, p.xattr(name, "trusted.a").length);
                    }
                }),
                rule("a value that is being replaced is always there, old or new", EdgeRules::replacedAttribute),
                rule("cookies of a listing are unique", p -> {
                    for (int i = 0; i < 200; i++) {
                        p.file("f" + i, 0644);
                    }
                    Set<Long> cookies = new HashSet<>();
                    int entries = 0;
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    for (var page = p.entries(d, 1_024); !page.isEmpty(); page = p.entries(d, 1_024)) {
                        for (Listed entry : page) {
                            cookies.add(entry.cookie());
                            entries++;
                        }
                    }
                    is(202, entries);
                    is(entries, cookies.size());
                }),
                rule("a listing that begins again, and a new one, see what came meanwhile", p -> {
                    p.file("old", 0644);
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    is(3, p.entries(d, 65_536).size());
                    p.file("new", 0644);
                    ok(p.unlink("old"));
                    ok(p.seek(d, 0, 0));
                    is(true, names(p, d).containsAll(List.of("new")));
                    is(List.of("new"), p.list(""));
                }),
                rule("a listing ends though names are renamed all the time", p -> {
                    for (int i = 0; i < 200; i++) {
                        p.file("f" + i, 0644);
                    }
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    int seen = 0;
                    for (var page = p.entries(d, 256); !page.isEmpty(); page = p.entries(d, 256)) {
                        for (Listed entry : page) {
                            if (!entry.name().startsWith(".")) {
                                ok(p.rename(entry.name(), entry.name().startsWith("f") ? "g" + seen : "h" + seen));
                            }
                            seen++;
                        }
                        yes("it ends", seen < 5_000);
                    }
                }),
                rule("seeking a listing anywhere does no harm", p -> {
                    p.file("f", 0644);
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    for (long offset : List.of(1L, 17L, 1L << 31, 1L << 40)) {
                        if (p.seek(d, offset, 0) >= 0) {
                            yes("an answer", p.entries(d, 4_096).size() <= 3);
                        }
                    }
                    ok(p.seek(d, 0, 0));
                    is(3, p.entries(d, 4_096).size());
                }),
                rule("a write of no bytes succeeds and changes nothing", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    is(0L, p.write(f, ""));
                    is(0L, p.write(f, "", 1_000));
                    is(7L, p.stat("f").size());
                }),
                rule("copy_file_range: flags EINVAL, directories EISDIR, fifos EINVAL", p -> {
                    p.file("a", "content").dir("d", 0755);
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    int a = p.opened("a", O_RDWR);
                    int to = p.opened("b", O_CREAT | O_RDWR);
                    int directory = p.opened("d", O_RDONLY | O_DIRECTORY);
                    int fifo = p.opened("p", O_RDWR);
                    fails(EISDIR, p.copy(directory, 0, to, 0, 1));
                    fails(EINVAL, p.copy(fifo, 0, to, 0, 1));
                    try (Arena arena = Arena.ofConfined()) {
                        var offset = arena.allocate(8, 8);
                        fails(EINVAL, p.call("copy_file_range", a, offset, to, offset, 1L, 1));
                    }
                }),
                rule("beyond the limit of a process's file sizes: EFBIG", p -> {
                    Process process = new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    "ulimit -f 16; exec perl -e '$SIG{XFSZ} = \"IGNORE\"; open F, \"+>\", $ARGV[0] or die; $| = 1;"
                                            + " print defined syswrite(F, \"x\" x 8192) ? \"ok \" : $! + 0, \" \";"
                                            + " print defined syswrite(F, \"x\" x 10) ? \"ok \" : $! + 0, \" \";"
                                            + " print truncate(F, 8193) ? \"ok\" : $! + 0, \"\\n\"' \"$1\"",
                                    "sh",
                                    p.path() + "/f")
                            .start();
                    is("ok  27 27", process.inputReader().readLine());
                    is(8_192L, p.stat("f").size());
                }));
    }

    private static List<String> names(Place p, int directory) {
        List<String> names = new ArrayList<>();
        p.entries(directory, 65_536).forEach(entry -> names.add(entry.name()));
        return names;
    }

    private static void replacedAttribute(Place p) throws Exception {
        p.file("f", 0644);
        ok(p.setxattr("f", "user.a", "old".getBytes(StandardCharsets.UTF_8), 0));
        Place other = new Place(p.path());
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 500; i++) {
                ok(other.setxattr("f", "user.a", (i % 2 == 0 ? "new" : "old").getBytes(StandardCharsets.UTF_8), 0));
            }
        });
        while (writer.isAlive()) {
            is(3L, p.getxattr("f", "user.a", 10));
            is(List.of("user.a"), p.xattrs("f"));
        }
        writer.join();
    }
}
