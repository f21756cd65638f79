package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Bytes in unusual ways: vectors, splice, mapped buffers, ranges at the edges of pages, holes of all shapes. */
final class RangeRules {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 3;
    private static final int ZERO_RANGE = 16;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private RangeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("ZERO_RANGE and PUNCH_HOLE at and beside the edges of pages touch nothing else", p -> {
                    for (int mode : List.of(PUNCH_HOLE, ZERO_RANGE | KEEP_SIZE)) {
                        for (int from : List.of(0, 1, 4_095, 4_096, 4_097)) {
                            for (int to : List.of(4_098, 8_191, 8_192, 8_193, 12_288)) {
                                p.file("f", "x".repeat(12_288));
                                int f = p.opened("f", O_RDWR);
                                ok(p.allocate(f, mode, from, to - from));
                                is("x".repeat(from) + "\0".repeat(to - from) + "x".repeat(12_288 - to), p.content("f"));
                                p.close(f);
                            }
                        }
                    }
                }),
                rule(
                        "a range that is zeroed or punched is zero in a mapping, too, and what is mapped behind the end as well",
                        p -> {
                            for (int mode : List.of(PUNCH_HOLE, ZERO_RANGE | KEEP_SIZE)) {
                                p.file("f", "x".repeat(10_000));
                                int f = p.opened("f", O_RDWR);
                                MemorySegment map = map(p, f, 12_288);
                                p.call("memset", map, (int) 'm', 10_000L);
                                ok(p.allocate(f, mode, 5_000, 2_000));
                                is("m\0", mapped(p, map, 4_999, 2));
                                is("\0m", mapped(p, map, 6_999, 2));
                                is("m".repeat(5_000) + "\0".repeat(2_000) + "m".repeat(3_000), p.content("f"));
                                ok(p.truncate(f, 9_000));
                                ok(p.truncate(f, 10_000));
                                is("m\0\0", mapped(p, map, 8_999, 3));
                                ok(p.call("munmap", map, 12_288L));
                            }
                        }),
                rule("a write whose buffer is a mapping of the same page", p -> {
                    p.file("f", "abcdefghij".repeat(1_000));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, 8_192);
                    is(10L, ok(p.call("pwrite", f, map, 10L, 4_005L)));
                    is("abcdefghij", p.read(f, 4_005, 10));
                    ok(p.call("munmap", map, 8_192L));
                }),
                rule("a write from memory that cannot be read: EFAULT, and nothing changes", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    is(-14L, p.call("pwrite", f, MemorySegment.NULL, 10L, 0L));
                    is("content", p.content("f"));
                }),
                rule("preadv and pwritev take the buffers in order", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment first = arena.allocateFrom("first");
                        MemorySegment second = arena.allocateFrom("second");
                        MemorySegment vector =
                                arena.allocateFrom(ValueLayout.JAVA_LONG, first.address(), 5L, second.address(), 6L);
                        is(11L, ok(p.call("pwritev", f, vector, 2, 3L)));
                        is("\0\0\0firstsecond", p.content("f"));
                        MemorySegment back = arena.allocate(11);
                        MemorySegment parts =
                                arena.allocateFrom(ValueLayout.JAVA_LONG, back.address() + 5, 6L, back.address(), 5L);
                        is(11L, ok(p.call("preadv", f, parts, 2, 3L)));
                        is("econdfirsts", new String(back.toArray(ValueLayout.JAVA_BYTE)));
                    }
                }),
                rule("sendfile copies what a file holds", p -> {
                    p.file("a", "content".repeat(3_000));
                    int from = p.opened("a", O_RDONLY);
                    int to = p.opened("b", O_CREAT | O_RDWR);
                    is(21_000L, ok(p.call("sendfile", to, from, MemorySegment.NULL, 100_000L)));
                    is(p.content("a"), p.content("b"));
                }),
                rule("what is spliced into a pipe is not changed by writing to the pipe", p -> {
                    p.file("f", "content".repeat(1_000));
                    int f = p.opened("f", O_RDONLY);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment ends = arena.allocate(8, 8);
                        ok(p.call("pipe", ends));
                        int out = ends.get(ValueLayout.JAVA_INT, 0);
                        int in = ends.get(ValueLayout.JAVA_INT, 4);
                        is(7L, ok(p.call("splice", f, MemorySegment.NULL, in, MemorySegment.NULL, 7L, 0)));
                        ok(p.write(in, "changed"));
                        is(14L, p.readResult(out, 99));
                        ok(p.call("close", in));
                        ok(p.call("close", out));
                    }
                    is("content".repeat(1_000), p.content("f"));
                }),
                rule("O_DIRECT at, across and behind the end of a file", p -> {
                    p.file("f", "x".repeat(5_000));
                    int f = p.opened("f", O_RDONLY | O_DIRECT);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment page = arena.allocate(4_096, 4_096);
                        is(904L, p.call("pread", f, page, 4_096L, 4_096L));
                        is(0L, p.call("pread", f, page, 4_096L, 8_192L));
                        is(0L, p.call("pread", f, page, 4_096L, 1L << 40));
                    }
                }),
                rule("O_DIRECT and O_APPEND add at the end, and other descriptors see it", p -> {
                    p.file("f", "x".repeat(4_096));
                    int f = p.opened("f", O_WRONLY | O_DIRECT | O_APPEND);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment page = arena.allocate(4_096, 4_096);
                        page.fill((byte) 'y');
                        for (int i = 1; i <= 3; i++) {
                            is(4_096L, ok(p.call("write", f, page, 4_096L)));
                            is(4_096L * (i + 1), p.stat("f").size());
                        }
                    }
                    is("x".repeat(4_096) + "y".repeat(12_288), p.content("f"));
                }),
                rule("O_DIRECT with a buffer that is a mapping of the same file", p -> {
                    p.file("f", "x".repeat(4_096) + "y".repeat(4_096));
                    int f = p.opened("f", O_RDWR | O_DIRECT);
                    MemorySegment map = map(p, f, 8_192);
                    is(4_096L, ok(p.call("pread", f, map, 4_096L, 4_096L)));
                    is("yyyy", mapped(p, map, 0, 4));
                    ok(p.call("munmap", map, 8_192L));
                }),
                rule("O_DIRECT writes by others take set-user-id and set-group-id away", p -> {
                    p.file("f", 0666);
                    ok(p.chmod("f", 06777));
                    int f = p.as(ALICE).opened("f", O_WRONLY | O_DIRECT);
                    try (Arena arena = Arena.ofConfined()) {
                        ok(p.as(ALICE).call("pwrite", f, arena.allocate(4_096, 4_096), 4_096L, 0L));
                    }
                    octal(0777, p.stat("f").permissions());
                }),
                rule("a file that is written over and over never has no blocks", p -> {
                    p.file("f", "x".repeat(65_536));
                    int f = p.opened("f", O_RDWR);
                    ok(p.call("fsync", f));
                    for (int i = 0; i < 100; i++) {
                        ok(p.write(f, "y".repeat(65_536), 0));
                        yes("blocks", p.stat("f").blocks() > 0);
                    }
                }),
                rule("SEEK_DATA and SEEK_HOLE with offsets below zero and behind the end: ENXIO", Ability.HOLES, p -> {
                    p.file("f", "content").file("e", "");
                    int f = p.opened("f", O_RDONLY);
                    int empty = p.opened("e", O_RDONLY);
                    for (int whence : List.of(SEEK_DATA, SEEK_HOLE)) {
                        for (long offset : List.of(-1L, Long.MIN_VALUE, 7L, 8L, Long.MAX_VALUE)) {
                            fails(ENXIO, p.seek(f, offset, whence));
                        }
                        fails(ENXIO, p.seek(empty, 0, whence));
                    }
                    is(0L, p.seek(f, 0, SEEK_DATA));
                    is(6L, p.seek(f, 6, SEEK_DATA));
                    is(7L, p.seek(f, 6, SEEK_HOLE));
                }),
                rule("SEEK_DATA and SEEK_HOLE through many pieces, also far out", Ability.HOLES, p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    long[] starts = {0, 1L << 20, 1L << 32, 1L << 40};
                    for (long start : starts) {
                        ok(p.write(f, "x".repeat(65_536), start));
                    }
                    for (int i = 0; i < starts.length; i++) {
                        is(starts[i], p.seek(f, i == 0 ? 0 : starts[i - 1] + 65_536, SEEK_DATA));
                        is(starts[i] + 65_536, p.seek(f, starts[i], SEEK_HOLE));
                        is(
                                starts[i] + 100_000,
                                i == 3 ? starts[i] + 100_000 : p.seek(f, starts[i] + 100_000, SEEK_HOLE));
                    }
                }));
    }

    private static MemorySegment map(Place p, int descriptor, long length) {
        return MemorySegment.ofAddress(
                ok(p.call("mmap", MemorySegment.NULL, length, PROT_READ_WRITE, MAP_SHARED, descriptor, 0L)));
    }

    /** Pages are touched by the C library: a fault in Java code would keep the collector, and with it the mount, waiting. */
    private static String mapped(Place p, MemorySegment map, long at, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(length);
            p.call("memcpy", copy, MemorySegment.ofAddress(map.address() + at), (long) length);
            return new String(copy.toArray(ValueLayout.JAVA_BYTE), java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }
}
