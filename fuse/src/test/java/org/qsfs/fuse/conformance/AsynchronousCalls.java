package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.qsfs.fuse.conformance.Place.is;
import static org.qsfs.fuse.conformance.Place.ok;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A context of the kernel's asynchronous I/O (io_submit(2), linux/aio_abi.h): requests are handed over and answered later, in any order. Not for use by
 * several threads.
 */
final class AsynchronousCalls implements AutoCloseable {
    static final int READ = 0;
    static final int WRITE = 1;
    static final int SYNC = 2;
    static final int DATA_SYNC = 3;
    static final int READ_VECTOR = 7;
    static final int WRITE_VECTOR = 8;

    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
    private static final long SETUP = ARM ? 0 : 206;
    private static final long DESTROY = ARM ? 1 : 207;
    private static final long SUBMIT = ARM ? 2 : 209;
    private static final long GET_EVENTS = ARM ? 4 : 208;
    private static final int REQUEST = 64;
    private static final int EVENT = 32;

    private final Arena arena = Arena.ofConfined();
    private final Place place;
    private final long context;

    AsynchronousCalls(Place place) {
        this.place = place;
        MemorySegment made = arena.allocate(JAVA_LONG);
        ok(place.call("syscall", SETUP, 128L, made));
        context = made.get(JAVA_LONG, 0);
    }

    /** @param length bytes, or of vectors their number */
    record Request(int operation, int descriptor, MemorySegment buffer, long length, long offset) {}

    /** Memory for a request's bytes, aligned for O_DIRECT, freed with the context. */
    MemorySegment buffer(int length, char fill) {
        return arena.allocate(length, 4096).fill((byte) fill);
    }

    /** Hands requests over. @return how many the kernel took, or the negated error of the first */
    long submit(Request... requests) {
        MemorySegment pointers = arena.allocate(ADDRESS, requests.length);
        for (int i = 0; i < requests.length; i++) {
            pointers.setAtIndex(ADDRESS, i, encoded(requests[i], i));
        }
        return place.call("syscall", SUBMIT, context, (long) requests.length, pointers);
    }

    private MemorySegment encoded(Request request, long number) {
        MemorySegment encoded = arena.allocate(REQUEST, 8);
        encoded.set(JAVA_LONG, 0, number);
        encoded.set(JAVA_SHORT, 16, (short) request.operation());
        encoded.set(JAVA_INT, 20, request.descriptor());
        encoded.set(JAVA_LONG, 24, request.buffer().address());
        encoded.set(JAVA_LONG, 32, request.length());
        encoded.set(JAVA_LONG, 40, request.offset());
        return encoded;
    }

    /** Waits for the answers of as many requests. @return them in the order of the requests, errors negated */
    long[] answers(int count) {
        MemorySegment events = arena.allocate(EVENT * (long) count, 8);
        is((long) count, ok(place.call("syscall", GET_EVENTS, context, (long) count, (long) count, events, 0L)));
        long[] answers = new long[count];
        for (int i = 0; i < count; i++) {
            answers[(int) events.get(JAVA_LONG, EVENT * (long) i)] = events.get(JAVA_LONG, EVENT * (long) i + 16);
        }
        return answers;
    }

    /** Hands one request over and waits for its answer. */
    long answer(Request request) {
        long taken = submit(request);
        return taken < 0 ? taken : answers(1)[0];
    }

    /** Waits for what is under way. */
    @Override
    public void close() {
        ok(place.call("syscall", DESTROY, context));
        arena.close();
    }
}
