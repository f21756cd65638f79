package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.AsynchronousCalls.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.qsfs.fuse.conformance.AsynchronousCalls.Request;

/** Asynchronous I/O (io_submit), with and without O_DIRECT. */
final class AsynchronousRules {
    private static final int PAGE = 4_096;

    private AsynchronousRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("asynchronous direct writes into a hole arrive, each where it belongs", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR | O_DIRECT);
                    ok(p.truncate(f, 16 * PAGE));
                    try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                        Request[] writes = new Request[8];
                        for (int i = 0; i < 8; i++) {
                            writes[i] = new Request(
                                    WRITE, f, calls.buffer(PAGE, (char) ('a' + i)), PAGE, (15 - 2 * i) * (long) PAGE);
                        }
                        is(8L, calls.submit(writes));
                        yes("all complete", Arrays.stream(calls.answers(8)).allMatch(answer -> answer == PAGE));
                    }
                    StringBuilder expected = new StringBuilder();
                    for (int i = 7; i >= 0; i--) {
                        expected.append("\0".repeat(PAGE))
                                .append(String.valueOf((char) ('a' + i)).repeat(PAGE));
                    }
                    is(expected.toString(), p.content("f"));
                }),
                rule("asynchronous direct writes that begin and end inside blocks leave their neighbours alone", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR | O_DIRECT);
                    ok(p.truncate(f, 8_704));
                    try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                        for (int at = 512; at < 12_288; at += 512) {
                            ok(p.truncate(f, 0));
                            ok(p.truncate(f, 8_704));
                            is(
                                    2L,
                                    calls.submit(
                                            new Request(WRITE, f, calls.buffer(512, 'a'), 512, 0),
                                            new Request(WRITE, f, calls.buffer(8_192, 'z'), 8_192, at)));
                            calls.answers(2);
                            is(
                                    "a".repeat(512)
                                            + "\0".repeat(at - 512)
                                            + "z".repeat(8_192)
                                            + "\0".repeat(Math.max(0, 8_704 - at - 8_192)),
                                    p.content("f"));
                        }
                    }
                }),
                rule("when an asynchronous write has grown a file its size is told", p -> {
                    for (int flag : List.of(0, O_DIRECT)) {
                        int f = p.opened("f" + flag, O_CREAT | O_RDWR | flag);
                        try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                            MemorySegment page = calls.buffer(PAGE, 'x');
                            for (int i = 0; i < 100; i++) {
                                is((long) PAGE, calls.answer(new Request(WRITE, f, page, PAGE, i * (long) PAGE)));
                                is((i + 1) * (long) PAGE, p.stat(f).size());
                            }
                        }
                    }
                }),
                rule("an asynchronous direct read across the end gives what there is, behind it nothing", p -> {
                    p.file("f", "x".repeat(PAGE + 100));
                    int f = p.opened("f", O_RDONLY | O_DIRECT);
                    try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                        MemorySegment page = calls.buffer(PAGE, 'q');
                        is(100L, calls.answer(new Request(READ, f, page, PAGE, PAGE)));
                        is("x", (char) page.get(ValueLayout.JAVA_BYTE, 99) + "");
                        is(0L, calls.answer(new Request(READ, f, page, PAGE, 2 * PAGE)));
                    }
                }),
                rule("whoever reads while asynchronous writes append sees whole writes", AsynchronousRules::appending),
                rule("an asynchronous append beside fallocate of what is before: both count", p -> {
                    try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                        MemorySegment page = calls.buffer(PAGE, 'x');
                        for (int i = 0; i < 50; i++) {
                            int f = p.opened("f", O_CREAT | O_TRUNC | O_RDWR | O_DIRECT);
                            is(1L, calls.submit(new Request(WRITE, f, page, PAGE, PAGE)));
                            ok(p.allocate(f, 0, 0, PAGE));
                            is((long) PAGE, calls.answers(1)[0]);
                            is("\0".repeat(PAGE) + "x".repeat(PAGE), p.content("f"));
                            p.close(f);
                        }
                    }
                }),
                rule(
                        "reads through the cache see what asynchronous direct writes changed, also beside other reads",
                        p -> {
                            p.file("f", "0".repeat(16 * PAGE));
                            int f = p.opened("f", O_RDWR | O_DIRECT);
                            try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                                for (int round = 0; round < 100; round++) {
                                    char c = (char) ('a' + round % 26);
                                    Request[] writes = new Request[16];
                                    for (int i = 0; i < 16; i++) {
                                        writes[i] = new Request(WRITE, f, calls.buffer(PAGE, c), PAGE, i * (long) PAGE);
                                    }
                                    is(16L, calls.submit(writes));
                                    p.content("f");
                                    calls.answers(16);
                                    String content = p.content("f");
                                    yes("only " + c, content.chars().allMatch(found -> found == c));
                                }
                            }
                        }),
                rule("asynchronous vectors are taken in order, and sync requests answered", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    try (AsynchronousCalls calls = new AsynchronousCalls(p);
                            Arena arena = Arena.ofConfined()) {
                        MemorySegment vector = arena.allocateFrom(
                                ValueLayout.JAVA_LONG,
                                arena.allocateFrom("first").address(),
                                5,
                                arena.allocateFrom("second").address(),
                                6);
                        is(11L, calls.answer(new Request(WRITE_VECTOR, f, vector, 2, 3)));
                        is("\0\0\0firstsecond", p.content("f"));
                        is(11L, calls.answer(new Request(READ_VECTOR, f, vector, 2, 3)));
                        is(0L, calls.answer(new Request(SYNC, f, MemorySegment.NULL, 0, 0)));
                        is(0L, calls.answer(new Request(DATA_SYNC, f, MemorySegment.NULL, 0, 0)));
                    }
                }),
                rule(
                        "io_submit: EBADF for wrong descriptors, EINVAL for unknown operations, EFAULT for bad memory",
                        p -> {
                            p.file("f", "content");
                            int reader = p.opened("f", O_RDONLY);
                            int writer = p.opened("f", O_WRONLY);
                            try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                                MemorySegment page = calls.buffer(PAGE, 'x');
                                fails(EBADF, calls.answer(new Request(WRITE, reader, page, 1, 0)));
                                fails(EBADF, calls.answer(new Request(READ, writer, page, 1, 0)));
                                fails(EBADF, calls.answer(new Request(READ, -1, page, 1, 0)));
                                fails(EINVAL, calls.answer(new Request(99, reader, page, 1, 0)));
                                fails(EINVAL, calls.answer(new Request(READ, reader, page, 1, -1)));
                                is(-14L, calls.answer(new Request(READ, reader, MemorySegment.NULL, 7, 0)));
                                is(-14L, calls.answer(new Request(WRITE, writer, MemorySegment.NULL, 7, 0)));
                            }
                            is("content", p.content("f"));
                        }),
                rule("asynchronous writes are finished though their descriptor is closed", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR | O_DIRECT);
                    try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
                        MemorySegment bytes = calls.buffer(64 * PAGE, 'x');
                        is(1L, calls.submit(new Request(WRITE, f, bytes, 64 * PAGE, 0)));
                        p.close(f);
                        is(64L * PAGE, calls.answers(1)[0]);
                    }
                    is("x".repeat(64 * PAGE), p.content("f"));
                }));
    }

    private static void appending(Place p) throws Exception {
        int f = p.opened("f", O_CREAT | O_RDWR | O_DIRECT);
        AtomicBoolean torn = new AtomicBoolean();
        AtomicBoolean written = new AtomicBoolean();
        Place other = new Place(p.path());
        Thread reader = Thread.ofPlatform().start(() -> {
            int mine = other.opened("f", O_RDONLY | O_DIRECT);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment page = arena.allocate(PAGE, PAGE);
                for (long at = 0; !written.get() && !torn.get(); ) {
                    page.fill((byte) 0);
                    long read = ok(other.call("pread", mine, page, (long) PAGE, at));
                    torn.set(read != 0 && (read != PAGE || page.get(ValueLayout.JAVA_BYTE, PAGE - 1) != 'x'));
                    at += read;
                }
            }
            other.close(mine);
        });
        try (AsynchronousCalls calls = new AsynchronousCalls(p)) {
            MemorySegment page = calls.buffer(PAGE, 'x');
            for (int i = 0; i < 500; i++) {
                is((long) PAGE, calls.answer(new Request(WRITE, f, page, PAGE, i * (long) PAGE)));
            }
        } finally {
            written.set(true);
            reader.join();
        }
        yes("every read was of nothing or of a whole page", !torn.get());
    }
}
