package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.io.BufferedReader;
import java.util.List;

/** Leases: who holds one is told before somebody else opens or truncates the file. */
final class LeaseRules {
    private static final int SET_SIGNAL = 10;
    private static final int SET_LEASE = 1_024;
    private static final int GET_LEASE = 1_025;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int NONE = 2;
    /** Ignored unless a process asks for it; the default signal, SIGIO, would end this one. */
    private static final int SIGWINCH = 28;

    private LeaseRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("a lease for reading while nobody writes: EAGAIN", p -> {
                    p.file("f", "content");
                    int reader = p.opened("f", O_RDONLY);
                    ok(lease(p, reader, READ));
                    is((long) READ, lease(p, reader));
                    ok(lease(p, reader, NONE));
                    is((long) NONE, lease(p, reader));
                    int writer = p.opened("f", O_WRONLY);
                    fails(EAGAIN, lease(p, reader, READ));
                    fails(EAGAIN, lease(p, writer, READ));
                    p.close(writer);
                    ok(lease(p, reader, READ));
                }),
                rule("a lease for writing only while nobody else has the file open: EAGAIN", p -> {
                    p.file("f", "content");
                    int a = p.opened("f", O_RDWR);
                    int b = p.opened("f", O_RDONLY);
                    fails(EAGAIN, lease(p, a, WRITE));
                    p.close(b);
                    ok(lease(p, a, WRITE));
                    is((long) WRITE, lease(p, a));
                    ok(lease(p, a, NONE));
                }),
                rule("several leases for reading, and all may open to read", p -> {
                    p.file("f", "content");
                    int a = p.opened("f", O_RDONLY);
                    int b = p.opened("f", O_RDONLY);
                    ok(lease(p, a, READ));
                    ok(lease(p, b, READ));
                    is("content", p.content("f"));
                    is((long) READ, lease(p, a));
                    is((long) READ, lease(p, b));
                }),
                rule("leases are the owner's, and of files: EACCES, EINVAL", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    fails(EACCES, p.as(ALICE).call("fcntl", p.opened("f", O_RDONLY), SET_LEASE, READ));
                    fails(EINVAL, lease(p, p.opened("d", O_RDONLY | O_DIRECTORY), READ));
                    fails(EINVAL, lease(p, p.opened("f", O_RDONLY), 7));
                    fails(EBADF, lease(p, p.opened("f", O_PATH), READ));
                }),
                rule("an open that does not wait breaks a lease: EAGAIN, and the holder sees what is wanted", p -> {
                    p.file("f", "content");
                    int holder = p.opened("f", O_RDONLY);
                    ok(lease(p, holder, READ));
                    fails(EAGAIN, p.open("f", O_WRONLY | O_NONBLOCK, 0));
                    is((long) NONE, lease(p, holder));
                    ok(lease(p, holder, NONE));
                    ok(p.open("f", O_WRONLY | O_NONBLOCK, 0));
                }),
                rule("a lease for writing that a reader breaks may become one for reading", p -> {
                    p.file("f", "content");
                    int holder = p.opened("f", O_RDONLY);
                    ok(lease(p, holder, WRITE));
                    fails(EAGAIN, p.open("f", O_RDONLY | O_NONBLOCK, 0));
                    is((long) READ, lease(p, holder));
                    ok(lease(p, holder, READ));
                    ok(p.open("f", O_RDONLY | O_NONBLOCK, 0));
                }),
                rule("open and truncate wait until the holder gives its lease up", p -> {
                    p.file("f", "content");
                    for (String call : List.of("open F, '>>', $ARGV[0]", "truncate $ARGV[0], 0")) {
                        int holder = p.opened("f", O_RDONLY);
                        ok(lease(p, holder, READ));
                        Process other = new ProcessBuilder(
                                        "perl",
                                        "-e",
                                        "$| = 1; print \"waits\\n\"; " + call + " or die; print \"done\\n\"",
                                        p.path() + "/f")
                                .start();
                        BufferedReader said = other.inputReader();
                        is("waits", said.readLine());
                        while (lease(p, holder) != NONE) {
                            yes("it waits", other.isAlive() && !said.ready());
                        }
                        is(7L, p.stat("f").size());
                        ok(lease(p, holder, NONE));
                        is("done", said.readLine());
                        is(0, other.waitFor());
                        p.close(holder);
                    }
                    is(0L, p.stat("f").size());
                }),
                rule("unlink, rename and chmod leave a lease alone", p -> {
                    p.file("f", "content");
                    int holder = p.opened("f", O_RDONLY);
                    ok(lease(p, holder, READ));
                    ok(p.rename("f", "g"));
                    ok(p.chmod("g", 0600));
                    is((long) READ, lease(p, holder));
                    ok(p.unlink("g"));
                    is((long) READ, lease(p, holder));
                }));
    }

    private static long lease(Place p, int descriptor, int type) {
        if (type == READ || type == WRITE) {
            long signal = p.call("fcntl", descriptor, SET_SIGNAL, SIGWINCH);
            if (signal < 0) {
                return signal;
            }
        }
        return p.call("fcntl", descriptor, SET_LEASE, type);
    }

    private static long lease(Place p, int descriptor) {
        return p.call("fcntl", descriptor, GET_LEASE);
    }
}
