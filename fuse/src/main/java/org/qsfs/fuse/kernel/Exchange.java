package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.CallerGroups;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.MappedMemory;
import org.qsfs.fuse.system.SystemCallException;

/**
 * One request and its reply, in one buffer of a worker, used again for the next. The places are chosen so that file data, which follows 80 bytes of headers in
 * a WRITE and 16 in the reply to a READ, begins on a page in both:
 *
 * <pre>
 * offset  request                            reply
 *   4016  fuse_in_header, 40 bytes
 *   4056  arguments
 *   4080                                     fuse_out_header, 16 bytes
 *   4096  data of a WRITE                    body
 * </pre>
 *
 * So the reply overwrites the request: all arguments must have been read before. A request that came by a {@link RequestRing} begins elsewhere in the first page: what follows the arguments of
 * fixed size begins at 4096.
 */
final class Exchange {
    /** Where the device puts a request. */
    private static final int IN = 4016;

    static final int IN_HEADER = 40;
    private static final int OUT = 4080;
    static final int OUT_HEADER = 16;
    private static final int BODY = OUT + OUT_HEADER;
    private static final int PAGE = 4096;

    private final ByteBuffer bytes;
    private final MemorySegment memory;
    private final MemorySegment incoming;
    private final MemorySegment outgoing;
    private final MemorySegment body;
    private final MemorySegment callState;
    private final int maxBody;
    private final Transport transport;
    private int start = IN;
    private int length;

    /** @param maxData most bytes of file data in one request or reply */
    Exchange(int maxData, Transport transport) {
        this.transport = transport;
        // a setxattr request may be larger than a write when the negotiated size is small
        int size = PAGE + Math.max(maxData, 128 << 10) + PAGE;
        memory = memory(size);
        bytes = memory.asByteBuffer().order(java.nio.ByteOrder.nativeOrder());
        incoming = memory.asSlice(IN, size - IN);
        outgoing = memory.asSlice(OUT);
        body = memory.asSlice(BODY, size - BODY);
        maxBody = size - BODY;
        // the first page is unused up to the request
        callState = memory.asSlice(0, 64);
    }

    private static MemorySegment memory(int size) {
        try {
            return MappedMemory.anonymous(size, Arena.ofAuto());
        } catch (SystemCallException e) {
            throw (OutOfMemoryError) new OutOfMemoryError("no memory for the requests of a worker").initCause(e);
        }
    }

    /** Waits for a request. @return bytes received, or a negated error number */
    long receive() {
        return transport.receive(this);
    }

    /** Where a {@link Transport} puts a request as the device gives it: header, arguments, data. */
    MemorySegment incoming() {
        return incoming;
    }

    /** Where a {@link Transport} puts the header and the arguments of fixed size before a request's other bytes, which are in the {@link #body}. */
    MemorySegment incoming(int headerAndArguments) {
        return memory.asSlice(BODY - headerAndArguments, headerAndArguments);
    }

    /** A whole request is there, and begins so many bytes before the body. */
    void received(int beforeBody, int total) {
        start = BODY - beforeBody;
        length = total;
    }

    /** The reply's header and, behind it, its body. */
    MemorySegment outgoing() {
        return outgoing;
    }

    /** What a system call needs to report its error number. */
    MemorySegment callState() {
        return callState;
    }

    int opcode() {
        return memory.get(JAVA_INT, start + 4);
    }

    long unique() {
        return memory.get(JAVA_LONG, start + 8);
    }

    /** The inode that the request is about. */
    long node() {
        return memory.get(JAVA_LONG, start + 16);
    }

    int pid() {
        return memory.get(JAVA_INT, start + 32);
    }

    boolean isFromSuperuser() {
        return memory.get(JAVA_INT, start + 24) == 0;
    }

    Caller caller() {
        return caller(0);
    }

    Caller caller(int umask) {
        return CallerGroups.caller(memory.get(JAVA_INT, start + 24), memory.get(JAVA_INT, start + 28), pid(), umask);
    }

    private int arguments() {
        return start + IN_HEADER;
    }

    int intAt(int offset) {
        return memory.get(JAVA_INT, arguments() + offset);
    }

    long longAt(int offset) {
        return memory.get(JAVA_LONG, arguments() + offset);
    }

    /** Unsigned, but never negative here: a size that fits the buffer. */
    int sizeAt(int offset) {
        return Math.clamp(Integer.toUnsignedLong(intAt(offset)), 0, maxBody);
    }

    /** The bytes up to the next NUL. */
    byte[] stringAt(int offset) {
        int first = arguments() + offset;
        int end = first;
        while (end < start + length && memory.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        return memory.asSlice(first, end - first).toArray(JAVA_BYTE);
    }

    FileName nameAt(int offset) throws FsException {
        return FileName.of(stringAt(offset));
    }

    byte[] bytesAt(int offset, int count) {
        return memory.asSlice(arguments() + offset, count).toArray(JAVA_BYTE);
    }

    /** The request's bytes from there on, without a copy; valid until the reply. */
    ByteBuffer dataAt(int offset, int count) {
        int first = arguments() + offset;
        return bytes.limit(first + count).position(first);
    }

    /** Where the reply's body is written. */
    MemorySegment body() {
        return body;
    }

    /** The reply's body as a buffer of that many bytes, for file data. */
    ByteBuffer bodyBuffer(int count) {
        return bytes.limit(BODY + count).position(BODY);
    }

    int maxBody() {
        return maxBody;
    }

    /** @return false when the kernel has forgotten the request */
    boolean reply(int bodyLength) {
        return send(OUT_HEADER + bodyLength, 0);
    }

    void replyError(int errorNumber) {
        send(OUT_HEADER, -errorNumber);
    }

    private boolean send(int total, int error) {
        putReplyHeader(total, error);
        return transport.send(this, total);
    }

    /** @return whether the request is one that was received from that descriptor and has no reply yet */
    boolean replyErrorTo(int otherDescriptor, int errorNumber) {
        putReplyHeader(OUT_HEADER, -errorNumber);
        return Linux.write(otherDescriptor, outgoing, OUT_HEADER, callState) >= 0;
    }

    private void putReplyHeader(int total, int error) {
        long unique = unique();
        memory.set(JAVA_INT, OUT, total);
        memory.set(JAVA_INT, OUT + 4, error);
        memory.set(JAVA_LONG, OUT + 8, unique);
    }
}
