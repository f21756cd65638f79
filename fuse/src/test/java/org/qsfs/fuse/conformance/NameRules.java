package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names, paths, listings, statfs. */
final class NameRules {
    private NameRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("names of 255 bytes; longer ones: ENAMETOOLONG in every call", p -> {
                    String longest = "n".repeat(255);
                    p.file(longest, 0644);
                    is(List.of(longest), p.list(""));
                    String longer = longest + "n";
                    fails(ENAMETOOLONG, p.open(longer, O_CREAT | O_WRONLY, 0644));
                    fails(ENAMETOOLONG, p.open(longer, O_RDONLY, 0));
                    fails(ENAMETOOLONG, p.mkdir(longer, 0755));
                    fails(ENAMETOOLONG, p.rmdir(longer));
                    fails(ENAMETOOLONG, p.unlink(longer));
                    fails(ENAMETOOLONG, p.symlink("x", longer));
                    fails(ENAMETOOLONG, p.mknod(longer, Stat.FIFO | 0644, 0));
                    fails(ENAMETOOLONG, p.rename(longest, longer));
                    fails(ENAMETOOLONG, p.rename(longer, "x"));
                    fails(ENAMETOOLONG, p.link(longest, longer));
                    fails(ENAMETOOLONG, p.statError(longer));
                    fails(ENAMETOOLONG, p.truncate(longer, 0));
                    fails(ENAMETOOLONG, p.chmod(longer, 0));
                }),
                rule("paths of 4,095 bytes; longer ones: ENAMETOOLONG", p -> {
                    int room = 4095 - p.path().toString().length() - 1;
                    StringBuilder path = new StringBuilder();
                    while (path.length() + 201 < room - 100) {
                        path.append("d".repeat(200));
                        p.dir(path.toString(), 0755);
                        path.append('/');
                    }
                    String rest = "f".repeat(Math.min(255, room - path.length()));
                    p.file(path + rest, 0644);
                    String padded = path + "./".repeat((room - path.length() - rest.length()) / 2) + rest;
                    ok(p.statError(padded));
                    fails(ENAMETOOLONG, p.statError(path + "./".repeat(2100) + rest));
                }),
                rule("any bytes but slash and NUL make a name", p -> {
                    for (int b = 1; b < 256; b++) {
                        if (b != '/' && b != '.') {
                            byte[] path = (p.path() + "/x").getBytes();
                            byte[] full = java.util.Arrays.copyOf(path, path.length + 1);
                            full[path.length - 1] = (byte) b;
                            ok(p.call("mkdir", full, 0755));
                        }
                    }
                    is(253, p.list("").size());
                }),
                rule("names that differ in case or composition are different", p -> {
                    p.file("name", 0644).file("Name", 0644).file("\u00e9", 0644).file("e\u0301", 0644);
                    is(4, p.list("").size());
                }),
                rule("dot is the directory, dot-dot its parent", p -> {
                    p.dir("d", 0755).dir("d/e", 0755);
                    is(p.stat("d/e").inode(), p.stat("d/e/.").inode());
                    is(p.stat("d").inode(), p.stat("d/e/..").inode());
                }),
                rule("a listing has dot, dot-dot, every name once, with inode and type", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.symlink("x", "l"));
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    List<Listed> all = p.entries(d, 65_536);
                    is(6, all.size());
                    for (Listed entry : all) {
                        Stat s = p.lstat(entry.name());
                        is(s.inode(), entry.inode());
                        is(s.type() >> 12, entry.type());
                    }
                    is(List.of(), p.entries(d, 65_536));
                    ok(p.seek(d, 0, 0));
                    is(6, p.entries(d, 65_536).size());
                }),
                rule("a listing goes on where a cookie says, whatever came and went", p -> {
                    for (int i = 0; i < 300; i++) {
                        p.file("stays-" + i, 0644).file("goes-" + i, 0644);
                    }
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    List<String> seen = new ArrayList<>();
                    int step = 0;
                    List<Listed> page = p.entries(d, 512);
                    while (!page.isEmpty()) {
                        page.forEach(entry -> seen.add(entry.name()));
                        for (int i = 0; i < 5 && step < 300; i++, step++) {
                            ok(p.unlink("goes-" + step));
                            p.file("new-" + step, 0644);
                        }
                        page = p.entries(d, 512);
                    }
                    Set<String> once = new HashSet<>(seen);
                    is(seen.size(), once.size());
                    for (int i = 0; i < 300; i++) {
                        yes("stays-" + i + " was listed", once.contains("stays-" + i));
                    }
                }),
                rule("seeking a listing back to a cookie repeats what followed", p -> {
                    for (int i = 0; i < 100; i++) {
                        p.file("f" + i, 0644);
                    }
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    List<Listed> first = p.entries(d, 1024);
                    List<String> rest = new ArrayList<>();
                    for (var page = p.entries(d, 1024); !page.isEmpty(); page = p.entries(d, 1024)) {
                        page.forEach(entry -> rest.add(entry.name()));
                    }
                    ok(p.seek(d, first.getLast().cookie(), 0));
                    List<String> again = new ArrayList<>();
                    for (var page = p.entries(d, 4096); !page.isEmpty(); page = p.entries(d, 4096)) {
                        page.forEach(entry -> again.add(entry.name()));
                    }
                    is(rest, again);
                }),
                rule("a buffer without room for one entry: EINVAL", p -> {
                    p.file("n".repeat(200), 0644);
                    int d = p.opened("", O_RDONLY | O_DIRECTORY);
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        fails(EINVAL, p.call("getdents64", d, arena.allocate(16), 16L));
                    }
                }),
                rule("getdents64 of a file: ENOTDIR", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        fails(ENOTDIR, p.call("getdents64", f, arena.allocate(512), 512L));
                    }
                }),
                rule("names made and removed by one call are seen by the next", p -> {
                    for (int i = 0; i < 50; i++) {
                        fails(ENOENT, p.statError("x"));
                        p.file("x", "round " + i);
                        is("round " + i, p.content("x"));
                        ok(p.unlink("x"));
                        fails(ENOENT, p.open("x", O_RDONLY, 0));
                        ok(p.mkdir("x", 0755));
                        ok(p.rmdir("x"));
                    }
                }),
                rule("openat, mkdirat, renameat, unlinkat work relative to a directory that moves", p -> {
                    p.dir("a", 0755);
                    int d = p.opened("a", O_RDONLY | O_DIRECTORY);
                    ok(p.rename("a", "b"));
                    ok(p.call("mkdirat", d, "sub", 0755));
                    ok(p.call("renameat", d, "sub", d, "sub2"));
                    is(List.of("sub2"), p.list("b"));
                    ok(p.call("unlinkat", d, "sub2", 0x200));
                    is(List.of(), p.list("b"));
                }),
                rule("statfs tells block size, sizes and the longest name", p -> {
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        var s = arena.allocate(256, 8);
                        ok(p.call("statvfs", p.path().toString(), s));
                        long size = s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0);
                        long blocks = s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 16);
                        long free = s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 24);
                        long available = s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 32);
                        long longest = s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 80);
                        yes("block size " + size, size >= 512);
                        yes("blocks", blocks > 0 && free <= blocks && available <= free);
                        is(255L, longest);
                    }
                }),
                rule("statfs counts what is written", p -> {
                    long before = free(p);
                    int f = p.opened("f", O_CREAT | O_WRONLY);
                    for (int i = 0; i < 16; i++) {
                        ok(p.write(f, "x".repeat(1 << 20)));
                    }
                    ok(p.call("fsync", f));
                    long taken = before - free(p);
                    yes("16 MiB and some: " + taken, taken >= 15 << 20);
                }));
    }

    private static long free(Place p) {
        try (var arena = java.lang.foreign.Arena.ofConfined()) {
            var s = arena.allocate(256, 8);
            ok(p.call("statvfs", p.path().toString(), s));
            return s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 8)
                    * s.get(java.lang.foreign.ValueLayout.JAVA_LONG, 24);
        }
    }
}
