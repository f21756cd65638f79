package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.io.BufferedReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Locks and mapped pages: what several processes share. */
final class SharingRules {
    private static final int SHARED = 1;
    private static final int EXCLUSIVE = 2;
    private static final int NOT_BLOCKING = 4;
    private static final int UNLOCK = 8;
    private static final int F_GETLK = 5;
    private static final int F_SETLK = 6;
    private static final int F_OFD_SETLK = 37;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int NONE = 2;

    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MS_SYNC = 4;

    private SharingRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("flock: one exclusive or many shared; close lets go", p -> {
                    p.file("f", 0644);
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDONLY);
                    ok(p.flock(a, EXCLUSIVE));
                    fails(EAGAIN, p.flock(b, SHARED | NOT_BLOCKING));
                    ok(p.flock(a, SHARED));
                    ok(p.flock(b, SHARED | NOT_BLOCKING));
                    fails(EAGAIN, p.flock(a, EXCLUSIVE | NOT_BLOCKING));
                    ok(p.flock(b, UNLOCK));
                    ok(p.flock(a, EXCLUSIVE | NOT_BLOCKING));
                    p.close(a);
                    ok(p.flock(b, EXCLUSIVE | NOT_BLOCKING));
                }),
                rule("flock belongs to the open file: a duplicate shares it", p -> {
                    p.file("f", 0644);
                    int a = p.opened("f", O_RDWR);
                    int copy = (int) ok(p.call("dup", a));
                    ok(p.flock(a, EXCLUSIVE));
                    ok(p.flock(copy, EXCLUSIVE | NOT_BLOCKING));
                    p.close(a);
                    int b = p.opened("f", O_RDONLY);
                    fails(EAGAIN, p.flock(b, SHARED | NOT_BLOCKING));
                    ok(p.call("close", copy));
                    ok(p.flock(b, SHARED | NOT_BLOCKING));
                }),
                rule("flock waits until the other lets go", p -> {
                    p.file("f", 0644);
                    int a = p.opened("f", O_RDWR);
                    ok(p.flock(a, EXCLUSIVE));
                    Process other = perl(
                            p, "open F, '<', $ARGV[0] or die; print \"waits\\n\"; flock F, 2 or die; print \"has\\n\"");
                    BufferedReader said = other.inputReader();
                    is("waits", said.readLine());
                    ok(p.flock(a, UNLOCK));
                    is("has", said.readLine());
                    yes("ends", other.waitFor(10, TimeUnit.SECONDS));
                }),
                rule("a killed process lets go of its flock and fcntl locks", SharingRules::death),
                rule("fcntl locks of ranges exclude each other by open file (OFD)", p -> {
                    p.file("f", "0123456789");
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDWR);
                    ok(p.lock(a, F_OFD_SETLK, WRITE, 2, 3));
                    fails(EAGAIN, p.lock(b, F_OFD_SETLK, READ, 4, 1));
                    ok(p.lock(b, F_OFD_SETLK, WRITE, 5, 0));
                    ok(p.lock(b, F_OFD_SETLK, WRITE, 0, 2));
                    fails(EAGAIN, p.lock(a, F_OFD_SETLK, READ, 1L << 60, 1));
                    ok(p.lock(a, F_OFD_SETLK, NONE, 3, 1));
                    ok(p.lock(b, F_OFD_SETLK, READ, 3, 1));
                    fails(EAGAIN, p.lock(b, F_OFD_SETLK, READ, 2, 1));
                    p.close(a);
                    ok(p.lock(b, F_OFD_SETLK, WRITE, 0, 0));
                }),
                rule("fcntl locks of one process never conflict, and any close drops them", p -> {
                    p.file("f", "0123456789");
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDWR);
                    ok(p.lock(a, F_SETLK, WRITE, 0, 0));
                    ok(p.lock(b, F_SETLK, WRITE, 0, 0));
                    is("held", locked(p));
                    p.close(b);
                    is("free", locked(p));
                    fails(EBADF, p.lock(p.opened("f", O_RDONLY), F_SETLK, WRITE, 0, 1));
                    is((long) NONE, p.lock(a, F_GETLK, WRITE, 0, 0));
                }),
                rule("a shared mapping and the file are one", p -> {
                    p.file("f", "x".repeat(10_000));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_SHARED, 10_000);
                    is("xxx", get(p, map, 4_095, 3));
                    put(p, map, 4_095, "map");
                    is("map", p.read(f, 4_095, 3));
                    ok(p.write(f, "file", 9_000));
                    is("file", get(p, map, 9_000, 4));
                    ok(p.call("msync", map, 10_000L, MS_SYNC));
                    ok(p.call("munmap", map, 10_000L));
                    is("map", p.content("f").substring(4_095, 4_098));
                }),
                rule("a mapping outlives its descriptor and the file's name", p -> {
                    p.file("f", "x".repeat(8_192));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_SHARED, 8_192);
                    p.close(f);
                    put(p, map, 5_000, "late");
                    is("late", p.content("f").substring(5_000, 5_004));
                    ok(p.unlink("f"));
                    put(p, map, 100, "gone");
                    is("gone", get(p, map, 100, 4));
                    ok(p.call("munmap", map, 8_192L));
                }),
                rule("a private mapping changes nothing", p -> {
                    p.file("f", "x".repeat(8_192));
                    int f = p.opened("f", O_RDONLY);
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_PRIVATE, 8_192);
                    put(p, map, 10, "private");
                    is("private", get(p, map, 10, 7));
                    is("x".repeat(8_192), p.content("f"));
                    ok(p.call("munmap", map, 8_192L));
                }),
                rule("what is mapped behind the end of the last page reads as zeros and is not written", p -> {
                    p.file("f", "abc");
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_SHARED, 4_096);
                    is("abc\0\0", get(p, map, 0, 5));
                    put(p, map, 2, "C-behind");
                    ok(p.call("msync", map, 4_096L, MS_SYNC));
                    ok(p.call("munmap", map, 4_096L));
                    is("abC", p.content("f"));
                    ok(p.truncate("f", 6));
                    is("abC\0\0\0", p.content("f"));
                }),
                rule("truncate takes mapped bytes away", p -> {
                    p.file("f", "x".repeat(8_192));
                    int f = p.opened("f", O_RDWR);
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_SHARED, 8_192);
                    put(p, map, 100, "written");
                    ok(p.truncate(f, 103));
                    ok(p.truncate(f, 8_192));
                    is("wri\0\0", get(p, map, 100, 5));
                    ok(p.call("munmap", map, 8_192L));
                }),
                rule("mapping needs the rights of the descriptor: EACCES", p -> {
                    p.file("f", "content");
                    fails(
                            EACCES,
                            p.call(
                                    "mmap",
                                    MemorySegment.NULL,
                                    4_096L,
                                    PROT_READ | PROT_WRITE,
                                    MAP_SHARED,
                                    p.opened("f", O_RDONLY),
                                    0L));
                    fails(
                            EACCES,
                            p.call(
                                    "mmap",
                                    MemorySegment.NULL,
                                    4_096L,
                                    PROT_READ,
                                    MAP_SHARED,
                                    p.opened("f", O_WRONLY),
                                    0L));
                }),
                rule("a write through a mapping moves mtime and ctime at msync", p -> {
                    p.file("f", "x".repeat(4_096));
                    int f = p.opened("f", O_RDWR);
                    Stat before = p.stat("f");
                    p.tick();
                    MemorySegment map = map(p, f, PROT_READ | PROT_WRITE, MAP_SHARED, 4_096);
                    put(p, map, 0, "new");
                    ok(p.call("msync", map, 4_096L, MS_SYNC));
                    ok(p.call("munmap", map, 4_096L));
                    p.close(f);
                    yes("mtime moved", p.stat("f").modified().isAfter(before.modified()));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                }));
    }

    private static void death(Place p) throws Exception {
        p.file("f", 0644);
        // struct flock: type, whence, padding, start, length, pid
        Process holder = perl(
                p,
                "open F, '+<', $ARGV[0] or die; flock F, 2 or die;"
                        + " fcntl F, 6, my $lock = pack('s s l q q l l', 1, 0, 0, 0, 0, 0, 0) or die; print \"holds\\n\"; sleep 60");
        is("holds", holder.inputReader().readLine());
        int f = p.opened("f", O_RDWR);
        fails(EAGAIN, p.flock(f, EXCLUSIVE | NOT_BLOCKING));
        fails(EAGAIN, p.lock(f, F_SETLK, WRITE, 0, 0));
        is((long) WRITE, p.lock(f, F_GETLK, WRITE, 0, 0));
        holder.destroyForcibly().waitFor();
        ok(p.flock(f, EXCLUSIVE | NOT_BLOCKING));
        ok(p.lock(f, F_SETLK, WRITE, 0, 0));
    }

    private static String locked(Place p) throws Exception {
        Process other = perl(
                p,
                "open F, '+<', $ARGV[0] or die;"
                        + " print fcntl(F, 6, my $lock = pack('s s l q q l l', 1, 0, 0, 0, 0, 0, 0)) ? \"free\\n\" : \"held\\n\"");
        String said = other.inputReader().readLine();
        other.waitFor();
        return said;
    }

    private static Process perl(Place p, String program) throws Exception {
        return new ProcessBuilder("perl", "-e", "$| = 1; " + program, p.path() + "/f")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static MemorySegment map(Place p, int descriptor, int protection, int flags, long length) {
        return MemorySegment.ofAddress(
                ok(p.call("mmap", MemorySegment.NULL, length, protection, flags, descriptor, 0L)));
    }

    /** Pages are touched by the C library: a fault in Java code would keep the collector, and with it the mount, waiting. */
    private static void put(Place p, MemorySegment map, long at, String text) {
        p.call("memcpy", MemorySegment.ofAddress(map.address() + at), text.getBytes(), (long) text.length());
    }

    private static String get(Place p, MemorySegment map, long at, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(length);
            p.call("memcpy", copy, MemorySegment.ofAddress(map.address() + at), (long) length);
            return new String(
                    copy.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }
}
