package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Bytes by vectors with flags, through pipes, and what is said of them beforehand: pwritev2, splice, tee, sendfile, readahead, fadvise. */
final class TransferRules {
    private static final long EFAULT = -14;
    private static final int RWF_DSYNC = 2;
    private static final int RWF_SYNC = 4;
    private static final int RWF_APPEND = 0x10;
    private static final int RWF_NOAPPEND = 0x20;
    private static final int DONT_NEED = 4;
    private static final int SET_FLAGS = 4;

    private TransferRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("a writev whose second buffer cannot be read writes the first, and the offset says so", p -> {
                    p.file("f", "0123456789");
                    int f = p.opened("f", O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment good = arena.allocateFrom("abc");
                        MemorySegment vector =
                                arena.allocateFrom(JAVA_LONG, good.address(), 3, 1, 100, good.address(), 3);
                        is(3L, p.call("writev", f, vector, 3));
                        is(3L, p.seek(f, 0, 1));
                        is("abc3456789", p.content("f"));
                        is(EFAULT, p.call("writev", f, vector.asSlice(16), 2));
                        is(3L, p.seek(f, 0, 1));
                        is("abc3456789", p.content("f"));
                    }
                }),
                rule("a readv whose second buffer cannot be written fills the first", p -> {
                    p.file("f", "0123456789");
                    int f = p.opened("f", O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment good = arena.allocate(3);
                        MemorySegment vector = arena.allocateFrom(JAVA_LONG, good.address(), 3, 1, 100);
                        is(3L, p.call("readv", f, vector, 2));
                        is("012", new String(good.toArray(JAVA_BYTE)));
                        is(3L, p.seek(f, 0, 1));
                        is(EFAULT, p.call("readv", f, vector.asSlice(16), 1));
                        is(3L, p.seek(f, 0, 1));
                    }
                }),
                rule("a writev across pages that faults half-way keeps what it took, or nothing", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment good = arena.allocate(10_000).fill((byte) 'x');
                        MemorySegment vector = arena.allocateFrom(JAVA_LONG, good.address(), 10_000, 1, 10_000);
                        long written = p.call("pwritev", f, vector, 2, 100L);
                        is(10_000L, written);
                        is("\0".repeat(100) + "x".repeat(10_000), p.content("f"));
                    }
                }),
                rule("vectors: EINVAL for more than 1,024 or lengths below zero, no buffers give nothing", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment vector = arena.allocate(16 * 1_025, 8);
                        fails(EINVAL, p.call("writev", f, vector, 1_025));
                        fails(EINVAL, p.call("readv", f, vector, -1));
                        is(0L, p.call("writev", f, vector, 1_024));
                        is(0L, p.call("writev", f, vector, 0));
                        vector.set(JAVA_LONG, 8, -1L);
                        fails(EINVAL, p.call("writev", f, vector, 1));
                    }
                    is("content", p.content("f"));
                }),
                rule("RWF_APPEND writes at the end, wherever it is told to, and moves no offset but its own", p -> {
                    p.file("f", "one");
                    int f = p.opened("f", O_RDWR);
                    is(3L, writeWith(p, f, "two", 0, RWF_APPEND));
                    is(0L, p.seek(f, 0, 1));
                    is(5L, writeWith(p, f, "three", -1, RWF_APPEND));
                    is(11L, p.seek(f, 0, 1));
                    is("onetwothree", p.content("f"));
                }),
                rule("RWF_NOAPPEND writes where it is told though the file is open with O_APPEND", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR | O_APPEND);
                    is(1L, writeWith(p, f, "C", 0, RWF_NOAPPEND));
                    is("Content", p.content("f"));
                }),
                rule("fcntl sets O_APPEND and takes it away, for the writes that follow", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR | O_APPEND);
                    ok(p.call("fcntl", f, SET_FLAGS, 0));
                    ok(p.write(f, "C", 0));
                    is(1L, writeWith(p, f, "O", 1, 0));
                    is("COntent", p.content("f"));
                    ok(p.call("fcntl", f, SET_FLAGS, O_APPEND));
                    ok(p.seek(f, 0, 0));
                    ok(p.write(f, " more"));
                    is("COntent more", p.content("f"));
                }),
                rule("RWF_SYNC and RWF_DSYNC write like others; offset -1 is the file's own; unknown flags fail", p -> {
                    p.file("f", "");
                    int f = p.opened("f", O_RDWR);
                    is(4L, writeWith(p, f, "sync", -1, RWF_SYNC));
                    is(5L, writeWith(p, f, "dsync", -1, RWF_DSYNC));
                    is(9L, p.seek(f, 0, 1));
                    is("syncdsync", p.content("f"));
                    fails(EOPNOTSUPP, writeWith(p, f, "x", 0, 1 << 30));
                    fails(EINVAL, writeWith(p, f, "x", -2, 0));
                    is("syncdsync", p.content("f"));
                }),
                rule("splice from a file into a pipe and from the pipe into a file", p -> {
                    p.file("a", "0123456789".repeat(2_000)).file("b", "");
                    int from = p.opened("a", O_RDONLY);
                    int to = p.opened("b", O_RDWR);
                    try (Pipe pipe = new Pipe(p);
                            Arena arena = Arena.ofConfined()) {
                        MemorySegment offset = arena.allocateFrom(JAVA_LONG, 5);
                        is(9_000L, p.call("splice", from, offset, pipe.in(), MemorySegment.NULL, 9_000L, 0));
                        is(9_005L, offset.get(JAVA_LONG, 0));
                        is(0L, p.seek(from, 0, 1));
                        offset.set(JAVA_LONG, 0, 100);
                        is(9_000L, p.call("splice", pipe.out(), MemorySegment.NULL, to, offset, 9_000L, 0));
                        is(9_100L, offset.get(JAVA_LONG, 0));
                        is(0L, p.seek(to, 0, 1));
                    }
                    is("\0".repeat(100) + "5678901234".repeat(900), p.content("b"));
                }),
                rule("splice: EINVAL without a pipe and into O_APPEND, EBADF against the descriptor's rights", p -> {
                    p.file("f", "content").file("g", "");
                    int f = p.opened("f", O_RDONLY);
                    MemorySegment none = MemorySegment.NULL;
                    try (Pipe pipe = new Pipe(p)) {
                        fails(EINVAL, p.call("splice", f, none, p.opened("g", O_WRONLY), none, 7L, 0));
                        fails(EBADF, p.call("splice", p.opened("g", O_WRONLY), none, pipe.in(), none, 7L, 0));
                        ok(p.write(pipe.in(), "bytes"));
                        fails(EBADF, p.call("splice", pipe.out(), none, f, none, 5L, 0));
                        fails(
                                EINVAL,
                                p.call("splice", pipe.out(), none, p.opened("g", O_WRONLY | O_APPEND), none, 5L, 0));
                        is(0L, p.call("splice", p.opened("g", O_RDONLY), none, pipe.in(), none, 7L, 0));
                    }
                }),
                rule("tee doubles what a pipe holds, for two files", p -> {
                    p.file("f", "content").file("a", "").file("b", "");
                    MemorySegment none = MemorySegment.NULL;
                    try (Pipe one = new Pipe(p);
                            Pipe two = new Pipe(p)) {
                        is(7L, p.call("splice", p.opened("f", O_RDONLY), none, one.in(), none, 100L, 0));
                        is(7L, p.call("tee", one.out(), two.in(), 100L, 0));
                        is(7L, p.call("splice", one.out(), none, p.opened("a", O_WRONLY), none, 7L, 0));
                        is(7L, p.call("splice", two.out(), none, p.opened("b", O_WRONLY), none, 7L, 0));
                    }
                    is("content", p.content("a"));
                    is("content", p.content("b"));
                }),
                rule("vmsplice gives memory to a pipe, splice to a file", p -> {
                    int to = p.opened("f", O_CREAT | O_RDWR);
                    try (Pipe pipe = new Pipe(p);
                            Arena arena = Arena.ofConfined()) {
                        MemorySegment bytes = arena.allocate(20_000).fill((byte) 'v');
                        MemorySegment vector = arena.allocateFrom(JAVA_LONG, bytes.address(), 20_000);
                        is(20_000L, p.call("vmsplice", pipe.in(), vector, 1L, 0));
                        long moved = 0;
                        while (moved < 20_000) {
                            moved += ok(p.call(
                                    "splice",
                                    pipe.out(),
                                    MemorySegment.NULL,
                                    to,
                                    MemorySegment.NULL,
                                    20_000 - moved,
                                    0));
                        }
                    }
                    is("v".repeat(20_000), p.content("f"));
                }),
                rule("sendfile with an offset moves that and not the file's; EINVAL into O_APPEND", p -> {
                    p.file("a", "0123456789").file("b", "");
                    int from = p.opened("a", O_RDONLY);
                    int to = p.opened("b", O_RDWR);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment offset = arena.allocateFrom(JAVA_LONG, 3);
                        is(5L, p.call("sendfile", to, from, offset, 5L));
                        is(8L, offset.get(JAVA_LONG, 0));
                        is(0L, p.seek(from, 0, 1));
                        is(5L, p.seek(to, 0, 1));
                        is(2L, p.call("sendfile", to, from, offset, 100L));
                        is(0L, p.call("sendfile", to, from, offset, 100L));
                        fails(EINVAL, p.call("sendfile", p.opened("b", O_WRONLY | O_APPEND), from, offset, 1L));
                        fails(EBADF, p.call("sendfile", from, from, offset, 1L));
                        fails(EBADF, p.call("sendfile", to, p.opened("a", O_WRONLY), offset, 1L));
                        offset.set(JAVA_LONG, 0, -1L);
                        fails(EINVAL, p.call("sendfile", to, from, offset, 1L));
                    }
                    is("3456789", p.content("b"));
                }),
                rule("readahead: nothing changes; EBADF when not for reading, EINVAL on directories", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDONLY);
                    is(0L, p.call("readahead", f, 0L, 100_000L));
                    is("content", p.content("f"));
                    fails(EBADF, p.call("readahead", p.opened("f", O_WRONLY), 0L, 1L));
                    fails(EINVAL, p.call("readahead", p.opened("", O_RDONLY | O_DIRECTORY), 0L, 1L));
                }),
                rule("sync_file_range: EINVAL for wrong ranges and flags, else it writes back", p -> {
                    p.file("f", "x".repeat(10_000));
                    int f = p.opened("f", O_RDWR);
                    ok(p.write(f, "y", 5_000));
                    is(0L, p.call("sync_file_range", f, 0L, 0L, 7));
                    fails(EINVAL, p.call("sync_file_range", f, -1L, 1L, 7));
                    fails(EINVAL, p.call("sync_file_range", f, 0L, -1L, 7));
                    fails(EINVAL, p.call("sync_file_range", f, 0L, 1L, 8));
                    fails(EBADF, p.call("sync_file_range", 1_000_000, 0L, 1L, 7));
                    is("y", p.read(f, 5_000, 1));
                }),
                rule("posix_fadvise: every advice is taken, unknown ones EINVAL, and nothing is lost", p -> {
                    p.file("f", "x".repeat(100_000));
                    int f = p.opened("f", O_RDWR);
                    ok(p.write(f, "y", 50_000));
                    for (int advice = 0; advice <= 5; advice++) {
                        is(0L, p.call("posix_fadvise", f, 0L, 0L, advice));
                    }
                    is(22L, p.call("posix_fadvise", f, 0L, 0L, 99));
                    ok(p.call("fsync", f));
                    is(0L, p.call("posix_fadvise", f, 0L, 0L, DONT_NEED));
                    is("x".repeat(50_000) + "y" + "x".repeat(49_999), p.content("f"));
                }),
                rule("copy_file_range to another filesystem: EXDEV either way", p -> {
                    p.file("f", "content");
                    int here = p.opened("f", O_RDWR);
                    java.nio.file.Path shared =
                            java.nio.file.Files.createTempFile(java.nio.file.Path.of("/dev/shm"), "qsfs", "");
                    try {
                        int there = p.opened(shared.toString(), O_RDWR);
                        ok(p.write(there, "other"));
                        fails(EXDEV, p.copy(here, 0, there, 0, 7));
                        fails(EXDEV, p.copy(there, 0, here, 0, 5));
                    } finally {
                        java.nio.file.Files.delete(shared);
                    }
                    is("content", p.content("f"));
                }));
    }

    private static long writeWith(Place p, int descriptor, String text, long offset, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vector =
                    arena.allocateFrom(JAVA_LONG, arena.allocateFrom(text).address(), text.length());
            return p.call("pwritev2", descriptor, vector, 1, offset, flags);
        }
    }

    private record Pipe(Place place, int out, int in) implements AutoCloseable {
        Pipe(Place place) {
            this(place, ends(place));
        }

        private Pipe(Place place, long ends) {
            this(place, (int) ends, (int) (ends >>> 32));
        }

        private static long ends(Place place) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment ends = arena.allocate(8, 8);
                ok(place.call("pipe", ends));
                return ends.get(JAVA_INT, 0) | (long) ends.get(JAVA_INT, 4) << 32;
            }
        }

        @Override
        public void close() {
            ok(place.call("close", in));
            ok(place.call("close", out));
        }
    }
}
