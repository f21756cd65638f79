package org.qsfs.fuse.system;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * An io_uring(7) for commands of a driver, one after the other: a command is put into the queue, and the call that waits for its completion submits it. For the thread that enabled it only
 * ({@code IORING_SETUP_SINGLE_ISSUER}); the driver's work for it is done in that thread while it waits ({@code IORING_SETUP_DEFER_TASKRUN}).
 *
 * <pre>
 * struct io_uring_params, 120 bytes               struct io_uring_sqe, 128 bytes (IORING_SETUP_SQE128)
 * offset  size  field                             offset  size  field
 *      0     4  sq_entries                             0     1  opcode      IORING_OP_URING_CMD 46
 *      4     4  cq_entries                             4     4  fd
 *      8     4  flags                                  8     4  cmd_op
 *     40     4  sq_off.head                           16     8  addr
 *     44     4  sq_off.tail                           24     4  len
 *     48     4  sq_off.ring_mask                      32     8  user_data
 *     80     4  cq_off.head                           48    80  cmd         the driver's
 *     84     4  cq_off.tail
 *     88     4  cq_off.ring_mask                  struct io_uring_cqe, 16 bytes
 *    100     4  cq_off.cqes                            0     8  user_data
 *                                                      8     4  res
 * </pre>
 *
 * Source: linux/io_uring.h. Needs Linux 6.6 ({@code IORING_SETUP_NO_SQARRAY}).
 */
public final class IoUring implements AutoCloseable {
    /** What a driver may use of an entry. */
    public static final int COMMAND_BYTES = 80;

    // the same on every processor that Linux has learned since 2019, and on x86-64
    private static final long SYS_SETUP = 425;
    private static final long SYS_ENTER = 426;
    private static final long SYS_REGISTER = 427;

    private static final int SETUP_R_DISABLED = 1 << 6;
    private static final int SETUP_SQE128 = 1 << 10;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int SETUP_NO_SQARRAY = 1 << 16;
    private static final long ENTER_GETEVENTS = 1;
    private static final int REGISTER_ENABLE_RINGS = 12;
    private static final long OFFSET_SQ_RING = 0;
    private static final long OFFSET_SQES = 0x10000000L;

    private static final int PARAMS_SIZE = 120;
    private static final int SQE_SIZE = 128;
    private static final int CQE_SIZE = 16;
    private static final byte OP_URING_CMD = 46;
    private static final int ENTRIES = 4;

    private static final MethodHandle SYSCALL = Linux.calling(
            "syscall",
            1,
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final VarHandle INDEX = JAVA_INT.varHandle();

    private final Arena arena;
    private final MemorySegment callState;
    private final int descriptor;
    private final MemorySegment rings;
    private final MemorySegment entries;
    private final long submissionTail;
    private final int submissionMask;
    private final long completionHead;
    private final long completionTail;
    private final int completionMask;
    private final long completions;
    private int unsubmitted;

    private IoUring(Arena arena, int descriptor, MemorySegment params) throws SystemCallException {
        this.arena = arena;
        this.callState = Linux.newCallState(arena);
        this.descriptor = descriptor;
        completions = params.get(JAVA_INT, 100);
        long ringBytes = completions + (long) params.get(JAVA_INT, 4) * CQE_SIZE;
        rings = MappedMemory.shared(descriptor, ringBytes, OFFSET_SQ_RING, arena);
        entries = MappedMemory.shared(descriptor, (long) params.get(JAVA_INT, 0) * SQE_SIZE, OFFSET_SQES, arena);
        submissionTail = params.get(JAVA_INT, 44);
        submissionMask = rings.get(JAVA_INT, params.get(JAVA_INT, 48));
        completionHead = params.get(JAVA_INT, 80);
        completionTail = params.get(JAVA_INT, 84);
        completionMask = rings.get(JAVA_INT, params.get(JAVA_INT, 88));
    }

    /** To be enabled by the thread that will use it. @throws SystemCallException where io_uring is missing or forbidden, or memory for it */
    public static IoUring open() throws SystemCallException {
        Arena arena = Arena.ofShared();
        int descriptor = -1;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment params = call.allocate(PARAMS_SIZE, 8);
            params.set(
                    JAVA_INT,
                    8,
                    SETUP_R_DISABLED | SETUP_SQE128 | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN | SETUP_NO_SQARRAY);
            descriptor = (int) call(Linux.newCallState(call), SYS_SETUP, ENTRIES, params.address(), 0, 0, 0);
            if (descriptor < 0) {
                throw new SystemCallException("io_uring_setup", -descriptor);
            }
            return new IoUring(arena, descriptor, params);
        } catch (SystemCallException | RuntimeException e) {
            if (descriptor >= 0) {
                Linux.close(descriptor);
            }
            arena.close();
            throw e;
        }
    }

    /** From now on it is this thread's. */
    public void enable() throws SystemCallException {
        long answer = call(callState, SYS_REGISTER, descriptor, REGISTER_ENABLE_RINGS, 0, 0, 0);
        if (answer < 0) {
            throw new SystemCallException("io_uring_register", (int) -answer);
        }
    }

    private static long call(MemorySegment state, long number, long a, long b, long c, long d, long e) {
        try {
            return Linux.answer((long) SYSCALL.invokeExact(state, number, a, b, c, d, e, 0L), state);
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
    }

    /**
     * Puts a command into the queue. At most one may be there or under way.
     *
     * @param file whose driver it is for
     * @param command its {@link #COMMAND_BYTES}
     */
    public void enqueue(int file, int operation, long address, int length, MemorySegment command) {
        int tail = rings.get(JAVA_INT, submissionTail);
        long entry = (long) (tail & submissionMask) * SQE_SIZE;
        entries.asSlice(entry, SQE_SIZE - COMMAND_BYTES).fill((byte) 0);
        entries.set(JAVA_BYTE, entry, OP_URING_CMD);
        entries.set(JAVA_INT, entry + 4, file);
        entries.set(JAVA_INT, entry + 8, operation);
        entries.set(JAVA_LONG, entry + 16, address);
        entries.set(JAVA_INT, entry + 24, length);
        MemorySegment.copy(command, 0, entries, entry + SQE_SIZE - COMMAND_BYTES, COMMAND_BYTES);
        INDEX.setRelease(rings, submissionTail, tail + 1);
        unsubmitted++;
    }

    /** Submits what is in the queue without waiting. @return 0 when it is under way or has been completed well, else a negated error number */
    public int submit() {
        long submitted = enter(0);
        if (submitted < 0) {
            return (int) submitted;
        }
        return hasCompletion() && result() < 0 ? completion() : 0;
    }

    /** Submits what is in the queue and waits for a completion, without a limit. @return the command's result, or a negated error number */
    public int await() {
        while (!hasCompletion()) {
            long submitted = enter(1);
            if (submitted < 0 && submitted != -Linux.EINTR && submitted != -Linux.EAGAIN) {
                return (int) submitted;
            }
        }
        return completion();
    }

    private long enter(int completionsWanted) {
        long submitted = call(callState, SYS_ENTER, descriptor, unsubmitted, completionsWanted, ENTER_GETEVENTS, 0);
        if (submitted > 0) {
            unsubmitted -= (int) submitted;
        }
        return submitted;
    }

    private boolean hasCompletion() {
        return rings.get(JAVA_INT, completionHead) != (int) INDEX.getAcquire(rings, completionTail);
    }

    private int completion() {
        int result = result();
        INDEX.setRelease(rings, completionHead, rings.get(JAVA_INT, completionHead) + 1);
        return result;
    }

    private int result() {
        int head = rings.get(JAVA_INT, completionHead);
        return rings.get(JAVA_INT, completions + (long) (head & completionMask) * CQE_SIZE + 8);
    }

    @Override
    public void close() {
        Linux.close(descriptor);
        arena.close();
    }
}
