package org.qsfs.fuse.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * On which processors threads of this process run. A thread that starts another hands its restriction on (sched_setaffinity(2)), and a pinned one may start any: those that carry virtual threads,
 * compilers. So {@link #freeInheritors} looks for threads that got a restriction that was not meant for them. Safe for many threads.
 */
public final class Processors {
    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");
    private static final Path THREADS = Path.of("/proc/self/task");
    /** As many as Linux knows. */
    private static final int MASK_BYTES = 1024;

    private static final int THIS_THREAD = 0;

    private static final MethodHandle GETTID = Linux.calling("gettid", -1, FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle SET =
            Linux.calling("sched_setaffinity", -1, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle GET =
            Linux.calling("sched_getaffinity", -1, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

    private static final Set<Integer> PINNED = ConcurrentHashMap.newKeySet();
    /** Processors that a thread was pinned to, ever. */
    private static final Set<Integer> USED = ConcurrentHashMap.newKeySet();

    /** What the process was allowed before the first thread was pinned. */
    private static volatile @Nullable BitSet usual;

    private Processors() {}

    /** How many this machine may ever have, when they are numbered from 0 without a gap; empty when not. */
    public static OptionalInt possible() {
        try {
            String text = Files.readString(POSSIBLE).strip();
            if (text.equals("0")) {
                return OptionalInt.of(1);
            }
            return text.matches("0-[0-9]{1,6}")
                    ? OptionalInt.of(Integer.parseInt(text.substring(2)) + 1)
                    : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /** Keeps this thread on one processor until {@link #unpin}; where that is not allowed (it is offline, or not ours), nothing happens. */
    public static void pin(int processor) {
        try (Arena arena = Arena.ofConfined()) {
            BitSet allowed = get(THIS_THREAD, arena);
            synchronized (Processors.class) {
                if (usual == null) {
                    usual = allowed;
                }
            }
            BitSet one = new BitSet();
            one.set(processor);
            int thread = thisThread(arena);
            PINNED.add(thread);
            USED.add(processor);
            if (!allowed.get(processor) || set(THIS_THREAD, one, arena) < 0) {
                PINNED.remove(thread);
            }
        }
    }

    /** Ends what {@link #pin} began. */
    public static void unpin() {
        try (Arena arena = Arena.ofConfined()) {
            BitSet before = usual;
            if (before != null && PINNED.remove(thisThread(arena))) {
                set(THIS_THREAD, before, arena);
            }
        }
    }

    /** Gives threads that are kept on a processor only because a thread that was pinned there started them the others back. Finds them later when descriptors are short. */
    public static void freeInheritors() {
        BitSet before = usual;
        if (before == null || before.cardinality() == 1) {
            return;
        }
        BitSet ours = new BitSet();
        USED.forEach(ours::set);
        try (Arena arena = Arena.ofConfined();
                DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path path : threads) {
                int thread = Integer.parseInt(path.getFileName().toString());
                BitSet allowed = get(thread, arena);
                if (!PINNED.contains(thread) && allowed.cardinality() == 1 && allowed.intersects(ours)) {
                    set(thread, before, arena);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // no descriptors left, say: they are found next time
        }
    }

    private static int thisThread(Arena arena) {
        try {
            return (int) GETTID.invokeExact(Linux.newCallState(arena));
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
    }

    /** Empty when the thread has ended. */
    static BitSet get(int thread, Arena arena) {
        MemorySegment mask = arena.allocate(MASK_BYTES, 8);
        try {
            int filled = (int) GET.invokeExact(Linux.newCallState(arena), thread, (long) MASK_BYTES, mask);
            return filled < 0 ? new BitSet() : BitSet.valueOf(mask.toArray(JAVA_BYTE));
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
    }

    private static int set(int thread, BitSet allowed, Arena arena) {
        MemorySegment mask = arena.allocate(MASK_BYTES, 8);
        byte[] bytes = allowed.toByteArray();
        MemorySegment.copy(bytes, 0, mask, JAVA_BYTE, 0, bytes.length);
        try {
            return (int) SET.invokeExact(Linux.newCallState(arena), thread, (long) MASK_BYTES, mask);
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
    }
}
