package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.qsfs.fuse.conformance.Rule.Check;

/**
 * What a place that is read-only allows. As rules they run in a read-only view (a bind mount) of the place, which the host can have as well; {@code ReadOnlyMountTest}
 * makes them on mounts that are read-only themselves.
 */
final class ReadOnlyRules {
    private static final String NO_DEVICE = "";
    private static final int RDONLY = 1;
    private static final int REMOUNT = 32;
    private static final int BIND = 4_096;
    private static final int DETACH = 2;
    private static final int WRITE = 2;

    private ReadOnlyRules() {}

    /**
     * One thing that is so of a place that {@link #prepare} has filled and that is read-only since.
     *
     * @param ofSuperblock whether FUSE knows it only of a mount that is itself read-only: it is not told through which view a file is read
     */
    record Expectation(String name, boolean ofSuperblock, Check check) {
        Expectation(String name, Check check) {
            this(name, false, check);
        }
    }

    static List<Rule> rules() {
        return Stream.concat(
                        expectations().stream()
                                .filter(expectation -> !expectation.ofSuperblock())
                                .map(expectation -> rule(
                                        "in a read-only view: " + expectation.name(),
                                        p -> inView(p, expectation.check()))),
                        Stream.of(rule("nothing becomes read-only while a file is open for writing: EBUSY", p -> {
                            p.file("f", "content");
                            try (View view = new View(p)) {
                                int writer = view.place().opened("f", O_WRONLY);
                                fails(EBUSY, view.makeReadOnly());
                                view.place().close(writer);
                                ok(view.makeReadOnly());
                            }
                        })))
                .toList();
    }

    /** Files, directories, a link, a fifo, a device. */
    static void prepare(Place p) {
        p.file("f", "content").dir("d", 0755).dir("full", 0755).file("full/f", 0644);
        ok(p.symlink("f", "l"));
        ok(p.mknod("p", Stat.FIFO | 0666, 0));
        ok(p.mknod("null", Stat.CHARACTER | 0666, 0x0103));
        ok(p.setxattr("f", "user.a", "value".getBytes(StandardCharsets.UTF_8), 0));
        ok(p.times("f", 1_000, 0, 2_000, 0));
    }

    static List<Expectation> expectations() {
        return List.of(
                new Expectation(
                        "what exists is EEXIST, what does not EROFS, for every call that makes something", p -> {
                            for (String name : List.of("f", "d", "l", "p", "null")) {
                                fails(EEXIST, p.open(name, O_CREAT | O_EXCL | O_WRONLY, 0644));
                                fails(EEXIST, p.mkdir(name, 0755));
                                fails(EEXIST, p.mknod(name, Stat.FIFO | 0644, 0));
                                fails(EEXIST, p.symlink("f", name));
                                fails(EEXIST, p.link("f", name));
                            }
                            fails(EROFS, p.open("new", O_CREAT | O_EXCL | O_WRONLY, 0644));
                            fails(EROFS, p.open("new", O_CREAT | O_RDONLY, 0644));
                            fails(EROFS, p.mkdir("new", 0755));
                            fails(EROFS, p.mknod("new", Stat.FIFO | 0644, 0));
                            fails(EROFS, p.symlink("f", "new"));
                            fails(EROFS, p.link("f", "new"));
                            fails(ENOENT, p.mkdir("no/new", 0755));
                        }),
                new Expectation("files open for reading alone", p -> {
                    ok(p.open("f", O_RDONLY, 0));
                    ok(p.open("f", O_RDONLY | O_CREAT, 0644));
                    for (int flags : List.of(O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND)) {
                        fails(EROFS, p.open("f", flags, 0));
                        fails(EROFS, p.open("l", flags, 0));
                    }
                    is("content", p.content("f"));
                    is(7L, p.stat("f").size());
                }),
                new Expectation("devices and fifos are written all the same", p -> {
                    for (int flags : List.of(0, O_APPEND, O_CREAT, O_CREAT | O_TRUNC)) {
                        int device = p.opened("null", O_WRONLY | flags);
                        is(5L, p.write(device, "bytes"));
                        p.close(device);
                    }
                    int reader = p.opened("p", O_RDONLY | O_NONBLOCK);
                    int writer = p.opened("p", O_WRONLY | O_NONBLOCK);
                    is(5L, p.write(writer, "bytes"));
                    is(5L, p.readResult(reader, 10));
                }),
                new Expectation("nothing is removed or renamed: EROFS", p -> {
                    fails(EROFS, p.unlink("f"));
                    fails(EROFS, p.rmdir("d"));
                    fails(EROFS, p.rename("f", "g"));
                    fails(EROFS, p.rename("d", "full"));
                    yes("what cannot be found is not there either", p.unlink("no") < 0 && p.rename("no", "g") < 0);
                    is(true, p.exists("f") && p.exists("d"));
                }),
                new Expectation("no attribute changes: EROFS", p -> {
                    Stat before = p.stat("f");
                    fails(EROFS, p.chmod("f", 0600));
                    fails(EROFS, p.chown("f", 1, 1));
                    fails(EROFS, p.lchown("l", 1, 1));
                    fails(EROFS, p.times("f", 1, 1, 1, 1));
                    fails(EROFS, p.times("f", 0, UTIME_NOW, 0, UTIME_NOW));
                    fails(EROFS, p.truncate("f", 0));
                    fails(EROFS, p.setxattr("f", "user.b", new byte[1], 0));
                    fails(EROFS, p.removexattr("f", "user.a"));
                    int f = p.opened("f", O_RDONLY);
                    fails(EROFS, p.fchmod(f, 0600));
                    fails(EROFS, p.fchown(f, 1, 1));
                    fails(EINVAL, p.truncate(f, 0));
                    is(before, p.stat("f"));
                    is("value", new String(p.xattr("f", "user.a"), StandardCharsets.UTF_8));
                }),
                new Expectation("access for writing is EROFS, of devices and fifos granted", p -> {
                    fails(EROFS, p.access("f", WRITE));
                    fails(EROFS, p.access("d", WRITE));
                    fails(EROFS, p.access("", WRITE));
                    ok(p.access("f", 4));
                    ok(p.access("null", WRITE));
                    ok(p.access("p", WRITE));
                }),
                new Expectation("reading moves no time", true, p -> {
                    Stat before = p.stat("f");
                    is("content", p.content("f"));
                    p.list("full");
                    is(before.accessed(), p.stat("f").accessed());
                }),
                new Expectation("locks, fsync and mappings for reading work", p -> {
                    int f = p.opened("f", O_RDONLY);
                    ok(p.flock(f, 2));
                    ok(p.flock(f, 8));
                    ok(p.lock(f, 6, 0, 0, 0));
                    ok(p.call("fsync", f));
                    MemorySegment map =
                            MemorySegment.ofAddress(ok(p.call("mmap", MemorySegment.NULL, 4_096L, 1, 1, f, 0L)));
                    fails(EACCES, p.call("mmap", MemorySegment.NULL, 4_096L, 3, 1, f, 0L));
                    ok(p.call("munmap", map, 4_096L));
                }),
                new Expectation("statfs says so", p -> {
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment status = arena.allocate(120, 8);
                        ok(p.call("statfs", p.path().toString(), status));
                        is(1L, status.get(JAVA_LONG, 80) & 1);
                    }
                }));
    }

    private static void inView(Place p, Check check) throws Exception {
        prepare(p);
        try (View view = new View(p)) {
            ok(view.makeReadOnly());
            check.run(view.place());
            view.place().closeAll();
        }
    }

    /** The superblock itself becomes read-only, or writable again. */
    static long remount(Path mountpoint, boolean readOnly) {
        return Native.call(
                Native.User.ROOT,
                "mount",
                NO_DEVICE,
                mountpoint.toString(),
                NO_DEVICE,
                (long) (REMOUNT | (readOnly ? RDONLY : 0)),
                MemorySegment.NULL);
    }

    /** A second view of a place, as a mount of its own. */
    private record View(Place place) implements AutoCloseable {
        View {
            place = bound(place);
        }

        private static Place bound(Place p) {
            try {
                Path point = Files.createTempDirectory("view");
                ok(p.call("mount", p.path().toString(), point.toString(), NO_DEVICE, (long) BIND, MemorySegment.NULL));
                return new Place(point);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        long makeReadOnly() {
            return place.call(
                    "mount",
                    NO_DEVICE,
                    place.path().toString(),
                    NO_DEVICE,
                    (long) (REMOUNT | BIND | RDONLY),
                    MemorySegment.NULL);
        }

        @Override
        public void close() throws java.io.IOException {
            place.closeAll();
            ok(place.call("umount2", place.path().toString(), DETACH));
            Files.delete(place.path());
        }
    }
}
