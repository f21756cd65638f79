package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.promise;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Sizes, holes, copies: truncate, fallocate, lseek, copy_file_range, and how large things get. */
final class SizeRules {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int COLLAPSE_RANGE = 8;
    private static final int ZERO_RANGE = 16;
    private static final int INSERT_RANGE = 32;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private SizeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("truncate cuts and grows with zeros, and moves mtime and ctime", p -> {
                    p.file("f", "content");
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.truncate("f", 3));
                    is("con", p.content("f"));
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                    ok(p.truncate("f", 6));
                    is("con\0\0\0", p.content("f"));
                }),
                rule("truncate inside a page leaves no old bytes behind", p -> {
                    p.file("f", "x".repeat(10_000));
                    for (int size : List.of(8_193, 4_097, 4_096, 4_095, 1)) {
                        ok(p.truncate("f", size));
                        ok(p.truncate("f", 10_000));
                        is("x".repeat(size) + "\0".repeat(10_000 - size), p.content("f"));
                    }
                }),
                rule("truncate of a directory: EISDIR; of nothing: ENOENT; to less than nothing: EINVAL", p -> {
                    p.dir("d", 0755).file("f", 0644);
                    fails(EISDIR, p.truncate("d", 0));
                    fails(ENOENT, p.truncate("no", 0));
                    fails(EINVAL, p.truncate("f", -1));
                    fails(ENOTDIR, p.truncate("f/x", 0));
                }),
                rule("truncate needs write permission, ftruncate a descriptor for writing", p -> {
                    p.file("f", 0644);
                    fails(EACCES, p.as(ALICE).truncate("f", 0));
                    fails(EINVAL, p.truncate(p.opened("f", O_RDONLY), 0));
                    ok(p.truncate(p.opened("f", O_WRONLY), 10));
                    is(10L, p.stat("f").size());
                }),
                rule("ftruncate leaves the offset where it is", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "content"));
                    ok(p.truncate(f, 2));
                    is(7L, p.seek(f, 0, 1));
                    ok(p.write(f, "x"));
                    is("co\0\0\0\0\0x", p.content("f"));
                }),
                rule("truncate to the size it has moves the times", Ability.OWN_TIMES, p -> {
                    p.file("f", "content");
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.truncate("f", 7));
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                }),
                promise("a file of 8 EiB less one byte", p -> {
                    p.file("f", 0644);
                    ok(p.truncate("f", Long.MAX_VALUE));
                    is(Long.MAX_VALUE, p.stat("f").size());
                    int f = p.opened("f", O_RDWR);
                    // the kernel caches no page at the very end
                    ok(p.write(f, "far", Long.MAX_VALUE - 10_000));
                    is("far", p.read(f, Long.MAX_VALUE - 10_000, 3));
                    is("\0", p.read(f, 1L << 62, 1));
                    ok(p.truncate("f", 1));
                    is("\0", p.content("f"));
                }),
                rule("a file of 1 TiB with bytes at both ends", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "begin", 0));
                    ok(p.write(f, "end", (1L << 40) - 3));
                    is(1L << 40, p.stat("f").size());
                    is("begin\0\0\0", p.read(f, 0, 8));
                    is("\0\0end", p.read(f, (1L << 40) - 5, 9));
                    ok(p.truncate("f", 5));
                    is("begin", p.content("f"));
                }),
                rule("fallocate makes a file longer and reads as zeros; KEEP_SIZE does not", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "content"));
                    ok(p.allocate(f, KEEP_SIZE, 0, 10_000));
                    is(7L, p.stat("f").size());
                    ok(p.allocate(f, 0, 5, 10_000));
                    is(10_005L, p.stat("f").size());
                    is("content" + "\0".repeat(9_998), p.content("f"));
                    ok(p.allocate(f, 0, 0, 10));
                    is(10_005L, p.stat("f").size());
                }),
                rule("fallocate reserves blocks, and writing there takes no more", p -> {
                    p.file("f", 0644).file("g", 0644);
                    int f = p.opened("f", O_RDWR);
                    int g = p.opened("g", O_RDWR);
                    ok(p.allocate(f, 0, 0, 1 << 20));
                    ok(p.allocate(g, KEEP_SIZE, 0, 1 << 20));
                    for (int file : List.of(f, g)) {
                        is(2048L, p.stat(file).blocks());
                        ok(p.allocate(file, KEEP_SIZE, 65_536, 65_536));
                        is(2048L, p.stat(file).blocks());
                        ok(p.write(file, "x".repeat(8192), 65_536));
                        ok(p.write(file, "x".repeat(8192), 0));
                        ok(p.call("fsync", file));
                        is(2048L, p.stat(file).blocks());
                    }
                    is(1L << 20, p.stat(f).size());
                    is(73_728L, p.stat(g).size());
                }),
                rule("punching and truncating give reserved blocks back, zeroing does not", p -> {
                    p.file("f", 0644);
                    int f = p.opened("f", O_RDWR);
                    ok(p.allocate(f, KEEP_SIZE, 0, 1 << 20));
                    ok(p.write(f, "x".repeat(65_536), 0));
                    ok(p.call("fsync", f));
                    ok(p.allocate(f, ZERO_RANGE | KEEP_SIZE, 0, 131_072));
                    is(2048L, p.stat(f).blocks());
                    is("\0".repeat(100), p.read(f, 0, 100));
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 0, 32_768));
                    is(2048L - 64, p.stat(f).blocks());
                    ok(p.truncate(f, 40_960));
                    is(16L, p.stat(f).blocks());
                    ok(p.truncate(f, 0));
                    is(0L, p.stat(f).blocks());
                }),
                rule(
                        "fallocate: EINVAL for nothing and less, EBADF when not for writing, ENODEV or ESPIPE on fifos",
                        p -> {
                            int f = p.opened("f", O_CREAT | O_RDWR);
                            fails(EINVAL, p.allocate(f, 0, 0, 0));
                            fails(EINVAL, p.allocate(f, 0, -1, 10));
                            fails(EINVAL, p.allocate(f, 0, 0, -1));
                            fails(EBADF, p.allocate(p.opened("f", O_RDONLY), 0, 0, 10));
                            fails(EFBIG, p.allocate(f, 0, Long.MAX_VALUE - 1, 10));
                            fails(EOPNOTSUPP, p.allocate(f, PUNCH_HOLE, 0, 10));
                        }),
                rule("PUNCH_HOLE zeroes a range, across pages and inside one, and keeps the size", p -> {
                    p.file("f", "x".repeat(20_000));
                    int f = p.opened("f", O_RDWR);
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 10, 20));
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 4_000, 9_000));
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 19_990, 1_000_000));
                    is(
                            "x".repeat(10)
                                    + "\0".repeat(20)
                                    + "x".repeat(3_970)
                                    + "\0".repeat(9_000)
                                    + "x".repeat(6_990)
                                    + "\0".repeat(10),
                            p.content("f"));
                }),
                rule("PUNCH_HOLE gives blocks back and moves the times", p -> {
                    p.file("f", "x".repeat(262_144));
                    int f = p.opened("f", O_RDWR);
                    ok(p.call("fsync", f));
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 65_536, 131_072));
                    ok(p.call("fsync", f));
                    is(before.blocks() - 256, p.stat("f").blocks());
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                }),
                rule("ZERO_RANGE zeroes and may make the file longer", p -> {
                    p.file("f", "x".repeat(5_000));
                    int f = p.opened("f", O_RDWR);
                    ok(p.allocate(f, ZERO_RANGE | KEEP_SIZE, 100, 10));
                    ok(p.allocate(f, ZERO_RANGE | KEEP_SIZE, 4_990, 100));
                    is(5_000L, p.stat("f").size());
                    ok(p.allocate(f, ZERO_RANGE, 4_980, 100));
                    is("x".repeat(100) + "\0".repeat(10) + "x".repeat(4_870) + "\0".repeat(100), p.content("f"));
                }),
                promise("COLLAPSE_RANGE and INSERT_RANGE are not supported: EOPNOTSUPP, and nothing changes", p -> {
                    p.file("f", "x".repeat(20_000));
                    int f = p.opened("f", O_RDWR);
                    Stat before = p.stat("f");
                    p.tick();
                    for (int mode : List.of(COLLAPSE_RANGE, INSERT_RANGE)) {
                        fails(EOPNOTSUPP, p.allocate(f, mode, 4_096, 4_096));
                        fails(EOPNOTSUPP, p.allocate(f, mode | KEEP_SIZE, 4_096, 4_096));
                        fails(EOPNOTSUPP, p.allocate(f, mode, 10, 10));
                    }
                    is(before, p.stat("f"));
                    is("x".repeat(20_000), p.content("f"));
                }),
                rule("SEEK_DATA and SEEK_HOLE find what was written", Ability.HOLES, p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.truncate(f, 1 << 20));
                    ok(p.write(f, "x".repeat(65_536), 131_072));
                    is(131_072L, p.seek(f, 0, SEEK_DATA));
                    is(0L, p.seek(f, 0, SEEK_HOLE));
                    is(196_608L, p.seek(f, 131_072, SEEK_HOLE));
                    is(150_000L, p.seek(f, 150_000, SEEK_DATA));
                    fails(ENXIO, p.seek(f, 196_608, SEEK_DATA));
                    is(500_000L, p.seek(f, 500_000, SEEK_HOLE));
                }),
                rule("SEEK_HOLE of a full file is its end; at the end both: ENXIO", Ability.HOLES, p -> {
                    p.file("f", "x".repeat(5_000));
                    int f = p.opened("f", O_RDONLY);
                    is(5_000L, p.seek(f, 0, SEEK_HOLE));
                    is(0L, p.seek(f, 0, SEEK_DATA));
                    fails(ENXIO, p.seek(f, 5_000, SEEK_DATA));
                    fails(ENXIO, p.seek(f, 5_000, SEEK_HOLE));
                }),
                rule("SEEK_DATA behind a punched hole", Ability.HOLES, p -> {
                    p.file("f", "x".repeat(262_144));
                    int f = p.opened("f", O_RDWR);
                    ok(p.allocate(f, PUNCH_HOLE | KEEP_SIZE, 65_536, 65_536));
                    is(65_536L, p.seek(f, 0, SEEK_HOLE));
                    is(131_072L, p.seek(f, 65_536, SEEK_DATA));
                }),
                rule("SEEK_SET, SEEK_CUR and SEEK_END, also behind the end", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDONLY);
                    is(5L, p.seek(f, -2, 2));
                    is(100L, p.seek(f, 95, 1));
                    is(0L, p.readResult(f, 10));
                    is(3L, p.seek(f, 3, 0));
                    is(4L, p.readResult(f, 10));
                }),
                rule("copy_file_range copies between files and inside one", p -> {
                    p.file("a", "0123456789").file("b", "abcdefghij");
                    int a = p.opened("a", O_RDWR);
                    int b = p.opened("b", O_RDWR);
                    is(4L, p.copy(a, 2, b, 5, 4));
                    is("abcde2345j", p.content("b"));
                    is(3L, p.copy(a, 0, a, 5, 3));
                    is("0123401289", p.content("a"));
                    is(5L, p.copy(a, 5, b, 20, 100));
                    is("abcde2345j" + "\0".repeat(10) + "01289", p.content("b"));
                }),
                rule("copy_file_range: nothing at the end, EINVAL when it overlaps, EBADF for wrong descriptors", p -> {
                    p.file("a", "0123456789").file("b", "");
                    int a = p.opened("a", O_RDWR);
                    int b = p.opened("b", O_RDWR);
                    is(0L, p.copy(a, 10, b, 0, 10));
                    fails(EINVAL, p.copy(a, 0, a, 5, 6));
                    fails(EBADF, p.copy(p.opened("a", O_WRONLY), 0, b, 0, 1));
                    fails(EBADF, p.copy(a, 0, p.opened("b", O_RDONLY), 0, 1));
                    fails(EBADF, p.copy(a, 0, p.opened("b", O_WRONLY | O_APPEND), 0, 1));
                }),
                rule("copy_file_range of a whole file, then changes of either leave the other alone", p -> {
                    p.file("a", "x".repeat(100_000));
                    int a = p.opened("a", O_RDWR);
                    int b = p.opened("b", O_CREAT | O_RDWR);
                    is(100_000L, p.copy(a, 0, b, 0, 100_000));
                    ok(p.write(a, "A", 50_000));
                    ok(p.write(b, "B", 60_000));
                    is("x".repeat(60_000) + "B" + "x".repeat(39_999), p.content("b"));
                    is("x".repeat(50_000) + "A" + "x".repeat(49_999), p.content("a"));
                    ok(p.unlink("a"));
                    is("x", p.read(b, 50_000, 1));
                }));
    }
}
