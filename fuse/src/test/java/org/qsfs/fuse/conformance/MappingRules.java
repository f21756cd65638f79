package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Mappings that grow, shrink, lose their file's end, or are told to forget. */
final class MappingRules {
    private static final long EFAULT = -14;
    private static final long ENOMEM = -12;
    private static final long NO_DEVICE = -19;
    private static final long PAGE = 4_096;
    private static final int READ = 1;
    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;
    private static final int PRIVATE = 2;
    private static final int SHARED_VALIDATE = 3;
    private static final int MAP_SYNC = 0x80000;
    private static final int MS_ASYNC = 1;
    private static final int MS_INVALIDATE = 2;
    private static final int MS_SYNC = 4;
    private static final int MAY_MOVE = 1;
    private static final int DONT_NEED = 4;

    private MappingRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("a mapping that is made longer after its file is writes what came, and forgets what is cut", p -> {
                    int end = 5_017 * 1_024;
                    int longer = 5_020 * 1_024;
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "X".repeat(end)));
                    MemorySegment map = map(p, f, READ_WRITE, SHARED, end);
                    ok(p.truncate(f, longer));
                    map = remap(p, map, end, longer);
                    fill(p, map, end, 3_072, 'W');
                    is("XW", p.read(f, end - 1, 2));
                    is("W", p.read(f, longer - 1, 2));
                    map = remap(p, map, longer, end);
                    ok(p.truncate(f, end));
                    ok(p.truncate(f, longer));
                    is("X" + "\0".repeat(3_072), p.read(f, end - 1, 4_000));
                    map = remap(p, map, end, longer);
                    is("X\0", bytes(p, map, end - 1, 2));
                    fill(p, map, end, 3_072, 'Y');
                    ok(p.call("msync", map, (long) longer, MS_SYNC));
                    ok(p.call("munmap", map, (long) longer));
                    is("X" + "Y".repeat(3_072), p.read(f, end - 1, 4_000));
                }),
                rule("pages behind the end of a file cannot be touched, and can again when it grows", p -> {
                    p.file("f", "x".repeat(5_000));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, READ_WRITE, SHARED, 4 * PAGE);
                    is(1L, touched(p, map, 2 * PAGE - 1));
                    is(EFAULT, touched(p, map, 2 * PAGE));
                    ok(p.truncate(f, 3 * PAGE));
                    is(1L, touched(p, map, 2 * PAGE));
                    is(EFAULT, touched(p, map, 3 * PAGE));
                    ok(p.truncate(f, 100));
                    is(EFAULT, touched(p, map, PAGE));
                    ok(p.call("munmap", map, 4 * PAGE));
                }),
                rule("mmap: ENODEV for directories, EINVAL for odd offsets and no length, EBADF for no file", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDWR);
                    is(NO_DEVICE, mapped(p, p.opened("", O_RDONLY | O_DIRECTORY), READ, SHARED, PAGE, 0));
                    fails(EINVAL, mapped(p, f, READ, SHARED, PAGE, 100));
                    fails(EINVAL, mapped(p, f, READ, SHARED, 0, 0));
                    fails(EBADF, mapped(p, 1_000_000, READ, SHARED, PAGE, 0));
                    fails(EBADF, mapped(p, p.opened("f", O_PATH), READ, SHARED, PAGE, 0));
                    fails(EOPNOTSUPP, mapped(p, f, READ, SHARED_VALIDATE | MAP_SYNC, PAGE, 0));
                }),
                rule(
                        "a shared mapping of a descriptor for reading is never made writable: EACCES; a private one is",
                        p -> {
                            p.file("f", "content");
                            int f = p.opened("f", O_RDONLY);
                            MemorySegment shared = map(p, f, READ, SHARED, PAGE);
                            fails(EACCES, p.call("mprotect", shared, PAGE, READ_WRITE));
                            MemorySegment own = map(p, f, READ, PRIVATE, PAGE);
                            ok(p.call("mprotect", own, PAGE, READ_WRITE));
                            fill(p, own, 0, 7, 'o');
                            is("content", bytes(p, shared, 0, 7));
                            is("content", p.content("f"));
                            ok(p.call("munmap", shared, PAGE));
                            ok(p.call("munmap", own, PAGE));
                        }),
                rule("msync: EINVAL for what contradicts and odd addresses, ENOMEM where nothing is mapped", p -> {
                    p.file("f", "x".repeat(8_192));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, READ_WRITE, SHARED, 2 * PAGE);
                    fill(p, map, 0, 10, 'm');
                    fails(EINVAL, p.call("msync", map, PAGE, MS_ASYNC | MS_SYNC));
                    fails(EINVAL, p.call("msync", MemorySegment.ofAddress(map.address() + 1), PAGE, MS_SYNC));
                    ok(p.call("msync", map, 2 * PAGE, MS_ASYNC));
                    ok(p.call("msync", map, 2 * PAGE, MS_SYNC | MS_INVALIDATE));
                    is("m".repeat(10) + "x", p.read(f, 0, 11));
                    ok(p.call("munmap", map, 2 * PAGE));
                    is(ENOMEM, p.call("msync", map, PAGE, MS_SYNC));
                }),
                rule("MADV_DONTNEED: a shared mapping keeps what was written, a private one is the file again", p -> {
                    p.file("f", "x".repeat(8_192));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment shared = map(p, f, READ_WRITE, SHARED, 2 * PAGE);
                    MemorySegment own = map(p, f, READ_WRITE, PRIVATE, 2 * PAGE);
                    fill(p, shared, 0, 3, 's');
                    fill(p, own, 5_000, 3, 'o');
                    ok(p.call("madvise", shared, 2 * PAGE, DONT_NEED));
                    ok(p.call("madvise", own, 2 * PAGE, DONT_NEED));
                    is("sssx", bytes(p, shared, 0, 4));
                    is("sssx", bytes(p, own, 0, 4));
                    is("xxx", bytes(p, own, 5_000, 3));
                    ok(p.call("munmap", shared, 2 * PAGE));
                    ok(p.call("munmap", own, 2 * PAGE));
                }),
                rule("pages of one file are written from a mapping of it at another place, whole and in vectors", p -> {
                    p.file("f", "a".repeat(4_096) + "b".repeat(4_096) + "c".repeat(4_096));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, READ_WRITE, SHARED, 3 * PAGE);
                    is(6_000L, p.call("pwrite", f, MemorySegment.ofAddress(map.address() + 4_096), 6_000L, 100L));
                    is("a".repeat(100) + "b".repeat(3_996), p.read(f, 0, 4_096));
                    ok(p.call("munmap", map, 3 * PAGE));
                }));
    }

    private static long mapped(Place p, int descriptor, int protection, int flags, long length, long offset) {
        return p.call("mmap", MemorySegment.NULL, length, protection, flags, descriptor, offset);
    }

    private static MemorySegment map(Place p, int descriptor, int protection, int flags, long length) {
        return MemorySegment.ofAddress(ok(mapped(p, descriptor, protection, flags, length, 0)));
    }

    private static MemorySegment remap(Place p, MemorySegment map, long from, long to) {
        return MemorySegment.ofAddress(ok(p.call("mremap", map, from, to, MAY_MOVE)));
    }

    /** Pages are touched by the C library: a fault in Java code would keep the collector, and with it the mount, waiting. */
    private static void fill(Place p, MemorySegment map, long at, long length, char value) {
        p.call("memset", MemorySegment.ofAddress(map.address() + at), (int) value, length);
    }

    private static String bytes(Place p, MemorySegment map, long at, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(length);
            p.call("memcpy", copy, MemorySegment.ofAddress(map.address() + at), (long) length);
            return new String(copy.toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }
    }

    /** What the kernel says when it reads one mapped byte: 1, or EFAULT where a process would get SIGBUS. */
    private static long touched(Place p, MemorySegment map, long at) {
        int sink = p.opened("sink", O_CREAT | O_WRONLY);
        long result = p.call("write", sink, MemorySegment.ofAddress(map.address() + at), 1L);
        p.close(sink);
        return result;
    }
}
