package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.qsfs.fuse.conformance.Rule.Ability;
import org.qsfs.fuse.conformance.Rule.Check;

/** Two threads at one file or directory: each sees a state that was. */
final class RaceRules {
    private static final int PAGE = 4_096;

    private RaceRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("the path of a directory is one it has had, while what is above it is renamed", p -> {
                    p.dir("a", 0755).dir("a/b", 0755);
                    int inside = p.opened("a/b", O_RDONLY | O_DIRECTORY);
                    List<String> had = List.of(p.path() + "/a/b", p.path() + "/c/b");
                    whileAnother(
                            p,
                            other -> {
                                for (int i = 0; i < 300; i++) {
                                    ok(other.rename("a", "c"));
                                    ok(other.rename("c", "a"));
                                }
                            },
                            () -> {
                                String path = Files.readSymbolicLink(Path.of("/proc/self/fd/" + inside))
                                        .toString();
                                yes(path + " is one of " + had, had.contains(path));
                            });
                }),
                rule("a file that is exchanged for another by rename is always there, whole", p -> {
                    p.file("f", "x".repeat(PAGE));
                    whileAnother(
                            p,
                            other -> {
                                for (int i = 0; i < 300; i++) {
                                    other.file(
                                            "new",
                                            String.valueOf((char) ('a' + i % 26))
                                                    .repeat(PAGE));
                                    ok(other.rename("new", "f"));
                                }
                            },
                            () -> {
                                String content = p.content("f");
                                is(content.substring(0, 1).repeat(PAGE), content);
                            });
                }),
                rule("one descriptor takes direct writes and fsync of two threads", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR | O_DIRECT);
                    whileAnother(
                            p,
                            other -> {
                                try (Arena arena = Arena.ofConfined()) {
                                    MemorySegment page =
                                            arena.allocate(PAGE, PAGE).fill((byte) 'x');
                                    for (int i = 0; i < 200; i++) {
                                        is((long) PAGE, other.call("pwrite", f, page, (long) PAGE, i * (long) PAGE));
                                    }
                                }
                            },
                            () -> ok(p.call("fsync", f)));
                    is("x".repeat(200 * PAGE), p.content("f"));
                }),
                rule("direct reads beside mapped writes of the same pages see old bytes or new ones", p -> {
                    p.file("f", "a".repeat(4 * PAGE));
                    int f = p.opened("f", O_RDWR);
                    int direct = p.opened("f", O_RDONLY | O_DIRECT);
                    MemorySegment map =
                            MemorySegment.ofAddress(ok(p.call("mmap", MemorySegment.NULL, 4L * PAGE, 3, 1, f, 0L)));
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment pages = arena.allocate(4 * PAGE, PAGE);
                        whileAnother(
                                p,
                                other -> {
                                    for (int i = 0; i < 200; i++) {
                                        other.call("memset", map, i % 2 == 0 ? (int) 'b' : (int) 'a', 4L * PAGE);
                                    }
                                },
                                () -> {
                                    is(4L * PAGE, p.call("pread", direct, pages, 4L * PAGE, 0L));
                                    for (byte found : pages.toArray(JAVA_BYTE)) {
                                        yes("a or b", found == 'a' || found == 'b');
                                    }
                                });
                    }
                    ok(p.call("munmap", map, 4L * PAGE));
                    is("a".repeat(4 * PAGE), p.content("f"));
                }),
                rule("reads while a file is cut and grows again give what was written or zeros", p -> {
                    p.file("f", "x".repeat(5 * PAGE));
                    int f = p.opened("f", O_RDONLY);
                    whileAnother(
                            p,
                            other -> {
                                for (int i = 0; i < 300; i++) {
                                    ok(other.truncate("f", 100));
                                    ok(other.truncate("f", 5 * PAGE));
                                }
                            },
                            () -> {
                                String read = p.read(f, 0, 5 * PAGE);
                                yes("the beginning stays", read.startsWith("x".repeat(100)));
                                yes("x and then zeros", read.matches("x+\0*"));
                            });
                }),
                rule("blocks are the same before and after what was written is on disk", Ability.OWN_WRITES, p -> {
                    for (int size : List.of(1, PAGE, 100_000)) {
                        int f = p.opened("f" + size, O_CREAT | O_RDWR);
                        ok(p.write(f, "x".repeat(size)));
                        long before = p.stat(f).blocks();
                        yes("blocks of what is only cached", before > 0);
                        ok(p.call("fsync", f));
                        is(before, p.stat(f).blocks());
                    }
                }));
    }

    /** Makes the check again and again until the other thread is through, and once more. */
    private static void whileAnother(Place p, Check doing, Step check) throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            Place other = new Place(p.path());
            try {
                doing.run(other);
            } catch (Throwable e) {
                failure.set(e);
            } finally {
                other.closeAll();
            }
        });
        try {
            do {
                check.run();
            } while (thread.isAlive());
            check.run();
        } finally {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError("the other thread failed", failure.get());
        }
    }

    private interface Step {
        void run() throws Exception;
    }
}
