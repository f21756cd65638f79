package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.qsfs.fuse.system.IoUring;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.SystemCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One entry of the queue that the kernel keeps for requests made on one processor, in FUSE over io_uring: a request is put into memory that was named once, and one system call sends its reply and waits for the
 * next. {@code cmd_op} 1 (REGISTER) names the memory, an {@code iovec} for the headers and one for the payload; 2 (COMMIT_AND_FETCH) sends a reply. Both are completed, with 0, when a request is there.
 *
 * <pre>
 * struct fuse_uring_req_header, 288 bytes          struct fuse_uring_cmd_req, in the command
 * offset  size  field                              offset  size  field
 *      0   128  in_out  fuse_in_header, 40;             0     8  flags
 *                       replies: fuse_out_header, 16    8     8  commit_id
 *    128   128  op_in   arguments of fixed size        16     2  qid   the processor
 *    256     8  flags
 *    264     8  commit_id
 *    272     4  payload_sz
 * </pre>
 *
 * The payload is a request's names and data, or a reply's body. Source: linux/fuse.h of Linux 6.14, fs/fuse/dev_uring.c. For the thread that registers it.
 */
final class RequestRing implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(RequestRing.class);

    private static final int REGISTER = 1;
    private static final int COMMIT_AND_FETCH = 2;

    private static final int HEADERS = 288;
    private static final int ARGUMENTS = 128;
    private static final int COMMIT_ID = 264;
    private static final int PAYLOAD_SIZE = 272;
    private static final int IOVECS = 2;
    private static final int IOVEC_SIZE = 16;

    private final IoUring ring;
    private final int processor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment headers = arena.allocate(HEADERS, 8);
    private final MemorySegment command = arena.allocate(IoUring.COMMAND_BYTES, 8);
    private int device = -1;
    private boolean owesReply;

    private RequestRing(IoUring ring, int processor) {
        this.ring = ring;
        this.processor = processor;
        command.set(JAVA_SHORT, 16, (short) processor);
    }

    /** Prepares one; the kernel does not know it yet. */
    static RequestRing open(int processor) throws SystemCallException {
        return new RequestRing(IoUring.open(), processor);
    }

    int processor() {
        return processor;
    }

    /**
     * From now on requests come, to this thread.
     *
     * @param connection a descriptor of the mount's
     * @param payload as large as the largest request and reply; in use until this is closed
     * @throws SystemCallException when the kernel refuses
     */
    void register(int connection, MemorySegment payload) throws SystemCallException {
        device = connection;
        ring.enable();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment iovecs = call.allocate(IOVECS * IOVEC_SIZE, 8);
            iovecs.set(JAVA_LONG, 0, headers.address());
            iovecs.set(JAVA_LONG, 8, headers.byteSize());
            iovecs.set(JAVA_LONG, IOVEC_SIZE, payload.address());
            iovecs.set(JAVA_LONG, IOVEC_SIZE + 8, payload.byteSize());
            ring.enqueue(device, REGISTER, iovecs.address(), IOVECS, command);
            int answer = ring.submit();
            if (answer < 0) {
                throw new SystemCallException("FUSE_IO_URING_CMD_REGISTER", -answer);
            }
        }
    }

    @Override
    public long receive(Exchange exchange) {
        if (owesReply) {
            throw new IllegalStateException("a request was not answered");
        }
        int result = ring.await();
        if (result < 0) {
            // whatever became of the reply: nothing will come any more
            if (result != -Linux.ENOTCONN && result != -Linux.ECONNABORTED && result != -Linux.ENODEV) {
                LOG.error("requests of processor {} do not come any more: error number {}", processor, -result);
            }
            return -Linux.ENOTCONN;
        }
        owesReply = true;
        int total = headers.get(JAVA_INT, 0);
        int arguments = total - Exchange.IN_HEADER - headers.get(JAVA_INT, PAYLOAD_SIZE);
        MemorySegment target = exchange.incoming(Exchange.IN_HEADER + arguments);
        MemorySegment.copy(headers, 0, target, 0, Exchange.IN_HEADER);
        MemorySegment.copy(headers, ARGUMENTS, target, Exchange.IN_HEADER, arguments);
        exchange.received(Exchange.IN_HEADER + arguments, total);
        return total;
    }

    /** Only puts it into the queue: {@link #receive} sends it. */
    @Override
    public boolean send(Exchange exchange, int total) {
        if (!owesReply) {
            return false;
        }
        owesReply = false;
        MemorySegment.copy(exchange.outgoing(), 0, headers, 0, Exchange.OUT_HEADER);
        headers.set(JAVA_INT, PAYLOAD_SIZE, total - Exchange.OUT_HEADER);
        command.set(JAVA_LONG, 8, headers.get(JAVA_LONG, COMMIT_ID));
        ring.enqueue(device, COMMIT_AND_FETCH, 0, 0, command);
        return true;
    }

    @Override
    public void close() {
        ring.close();
        arena.close();
    }
}
