package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Ranges of fcntl locks, and what becomes of locks between processes. */
final class LockRules {
    private static final int GET = 5;
    private static final int SET = 6;
    private static final int OFD_GET = 36;
    private static final int OFD_SET = 37;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int NONE = 2;
    private static final int FROM_START = 0;
    private static final int FROM_HERE = 1;
    private static final int FROM_END = 2;
    /** In perl: locks or unlocks bytes; struct flock is type, whence, padding, start, length, pid, padding. */
    private static final String LOCK =
            "sub lock { my ($how, $type, $start, $length) = @_; my $l = pack('s s l q q l l', $type, 0, 0, $start, $length, 0, 0);"
                    + " return fcntl F, $how, $l } ";

    private LockRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("a lock begins at the start, here or at the end, and may reach backwards", p -> {
                    p.file("f", "0123456789");
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDWR);
                    ok(p.seek(a, 6, 0));
                    ok(lock(p, a, OFD_SET, new Range(WRITE, FROM_HERE, 0, -3)));
                    is(new Range(WRITE, FROM_START, 3, 3), found(p, b, new Range(READ, FROM_START, 0, 0)));
                    ok(lock(p, a, OFD_SET, new Range(NONE, FROM_START, 0, 0)));
                    ok(lock(p, a, OFD_SET, new Range(WRITE, FROM_END, -2, 0)));
                    is(new Range(WRITE, FROM_START, 8, 0), found(p, b, new Range(READ, FROM_START, 0, 0)));
                    ok(lock(p, b, OFD_SET, new Range(WRITE, FROM_START, 0, 8)));
                }),
                rule("a lock of a part splits what the same holder has", p -> {
                    p.file("f", "0123456789");
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDWR);
                    ok(lock(p, a, OFD_SET, new Range(WRITE, FROM_START, 0, 10)));
                    ok(lock(p, a, OFD_SET, new Range(READ, FROM_START, 4, 2)));
                    is(new Range(WRITE, FROM_START, 0, 4), found(p, b, new Range(READ, FROM_START, 0, 0)));
                    is(new Range(NONE, FROM_START, 4, 2), found(p, b, new Range(READ, FROM_START, 4, 2)));
                    is(new Range(READ, FROM_START, 4, 2), found(p, b, new Range(WRITE, FROM_START, 4, 2)));
                    is(new Range(WRITE, FROM_START, 6, 4), found(p, b, new Range(READ, FROM_START, 6, 0)));
                    ok(lock(p, b, OFD_SET, new Range(READ, FROM_START, 5, 1)));
                }),
                rule(
                        "locks: EINVAL before the beginning and for unknown types, EBADF against the descriptor's rights",
                        p -> {
                            p.file("f", "0123456789");
                            int f = p.opened("f", O_RDWR);
                            fails(EINVAL, lock(p, f, SET, new Range(WRITE, FROM_START, -1, 1)));
                            fails(EINVAL, lock(p, f, SET, new Range(WRITE, FROM_START, 2, -3)));
                            fails(EINVAL, lock(p, f, SET, new Range(7, FROM_START, 0, 1)));
                            fails(EINVAL, lock(p, f, SET, new Range(WRITE, 7, 0, 1)));
                            fails(EBADF, lock(p, p.opened("f", O_WRONLY), SET, new Range(READ, FROM_START, 0, 1)));
                            fails(EBADF, lock(p, p.opened("f", O_PATH), SET, new Range(READ, FROM_START, 0, 1)));
                            fails(EBADF, p.flock(p.opened("f", O_PATH), 1));
                            fails(EINVAL, p.flock(f, 16));
                        }),
                rule(
                        "processes and open files exclude each other; the holder's process is told, of an open file -1",
                        p -> {
                            p.file("f", "0123456789");
                            int a = p.opened("f", O_RDWR);
                            int b = p.opened("f", O_RDWR);
                            ok(lock(p, a, SET, new Range(WRITE, FROM_START, 0, 5)));
                            fails(EAGAIN, lock(p, b, OFD_SET, new Range(WRITE, FROM_START, 0, 1)));
                            is(ProcessHandle.current().pid(), holder(p, b, OFD_GET));
                            ok(lock(p, b, OFD_SET, new Range(WRITE, FROM_START, 5, 5)));
                            fails(EAGAIN, lock(p, a, SET, new Range(WRITE, FROM_START, 5, 1)));
                            ok(lock(p, a, SET, new Range(NONE, FROM_START, 0, 0)));
                            is(-1L, holder(p, a, GET));
                        }),
                rule("two who wait for each other: one gets EDEADLK", p -> {
                    p.file("f", "0123456789");
                    Process other = perl(
                            p,
                            LOCK
                                    + "pipe my $r, my $w; if (!fork) { open F, '+<', $ARGV[0] or die; lock(6, 1, 1, 1) or die; syswrite $w, 'x';"
                                    + " lock(7, 1, 0, 1); exit 0 }"
                                    + " open F, '+<', $ARGV[0] or die; lock(6, 1, 0, 1) or die; sysread $r, my $x, 1;"
                                    + " my $mine = lock(7, 1, 1, 1) ? 0 : $! + 0; close F; wait; print \"$mine\\n\"");
                    String said = other.inputReader().readLine();
                    // whoever comes second is told; the first goes on when the other's locks are gone
                    yes("35 or success, found " + said, "35".equals(said) || "0".equals(said));
                }),
                rule("a wait for a lock ends with a signal: EINTR", p -> {
                    p.file("f", "0123456789");
                    int f = p.opened("f", O_RDWR);
                    for (String wait : List.of("lock(7, 1, 0, 0)", "flock(F, 2)")) {
                        ok(lock(p, f, SET, new Range(WRITE, FROM_START, 0, 0)));
                        ok(p.flock(f, 2));
                        Process other = perl(
                                p,
                                LOCK
                                        + "use POSIX; POSIX::sigaction(SIGALRM, POSIX::SigAction->new(sub {}));"
                                        + " open F, '+<', $ARGV[0] or die; alarm 1; print "
                                        + wait
                                        + " ? 'locked' : $! + 0, \"\\n\"");
                        is("4", other.inputReader().readLine());
                    }
                }),
                rule("a child has its parent's flock, and none of its fcntl locks", p -> {
                    p.file("f", "0123456789");
                    Process other = perl(
                            p,
                            LOCK
                                    + "open F, '+<', $ARGV[0] or die; flock F, 2 or die; lock(6, 1, 0, 0) or die;"
                                    + " if (my $pid = fork) { waitpid $pid, 0; exit }"
                                    + " print flock(F, 6) ? 'same' : 'other', ' ', lock(6, 1, 0, 0) ? 'same' : 'other', \"\\n\"");
                    is("same other", other.inputReader().readLine());
                }),
                rule("locks stay when the file loses its name or is cut, and directories have them too", p -> {
                    p.file("f", "0123456789").dir("d", 0755);
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDWR);
                    ok(lock(p, a, OFD_SET, new Range(WRITE, FROM_START, 5, 5)));
                    ok(p.truncate(a, 0));
                    ok(p.unlink("f"));
                    fails(EAGAIN, lock(p, b, OFD_SET, new Range(READ, FROM_START, 9, 1)));
                    int one = p.opened("d", O_RDONLY | O_DIRECTORY);
                    ok(p.flock(one, 2));
                    fails(EAGAIN, p.flock(p.opened("d", O_RDONLY | O_DIRECTORY), 1 | 4));
                }));
    }

    /** struct flock without its process. */
    private record Range(int type, int whence, long start, long length) {}

    private static MemorySegment encoded(Arena arena, Range range) {
        MemorySegment flock = arena.allocate(32, 8);
        flock.set(JAVA_SHORT, 0, (short) range.type());
        flock.set(JAVA_SHORT, 2, (short) range.whence());
        flock.set(JAVA_LONG, 8, range.start());
        flock.set(JAVA_LONG, 16, range.length());
        return flock;
    }

    private static long lock(Place p, int descriptor, int command, Range range) {
        try (Arena arena = Arena.ofConfined()) {
            return p.call("fcntl", descriptor, command, encoded(arena, range));
        }
    }

    /** What another holder has there; NONE of the same range when nothing. */
    private static Range found(Place p, int descriptor, Range wanted) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = encoded(arena, wanted);
            ok(p.call("fcntl", descriptor, OFD_GET, flock));
            return new Range(
                    flock.get(JAVA_SHORT, 0),
                    flock.get(JAVA_SHORT, 2),
                    flock.get(JAVA_LONG, 8),
                    flock.get(JAVA_LONG, 16));
        }
    }

    /** Who holds the first lock of the file, as one sees it who wants all of it. */
    private static long holder(Place p, int descriptor, int command) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = encoded(arena, new Range(WRITE, FROM_START, 0, 0));
            ok(p.call("fcntl", descriptor, command, flock));
            return flock.get(JAVA_INT, 24);
        }
    }

    private static Process perl(Place p, String program) throws Exception {
        return new ProcessBuilder("perl", "-e", "$| = 1; " + program, p.path() + "/f")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
