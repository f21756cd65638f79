package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.CallerGroups;
import org.qsfs.fuse.system.Linux;

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
 * So the reply overwrites the request: all arguments must have been read before.
 */
final class Exchange {
    private static final int IN = 4016;
    private static final int IN_HEADER = 40;
    private static final int ARGUMENTS = IN + IN_HEADER;
    private static final int OUT = 4080;
    private static final int OUT_HEADER = 16;
    private static final int BODY = OUT + OUT_HEADER;
    private static final int PAGE = 4096;

    private final ByteBuffer bytes;
    private final MemorySegment memory;
    private final MemorySegment incoming;
    private final MemorySegment outgoing;
    private final MemorySegment body;
    private final MemorySegment callState;
    private final int maxBody;
    private int descriptor = -1;
    private int length;

    /** @param maxData most bytes of file data in one request or reply */
    Exchange(int maxData) {
        // a setxattr request may be larger than a write when the negotiated size is small
        int size = PAGE + Math.max(maxData, 128 << 10) + PAGE;
        bytes = ByteBuffer.allocateDirect(size + PAGE).alignedSlice(PAGE).order(java.nio.ByteOrder.nativeOrder());
        memory = MemorySegment.ofBuffer(bytes);
        incoming = memory.asSlice(IN, size - IN);
        outgoing = memory.asSlice(OUT);
        body = memory.asSlice(BODY, size - BODY);
        maxBody = size - BODY;
        // the first page is unused up to the request
        callState = memory.asSlice(0, 64);
    }

    /** Waits for a request. @return bytes received, or a negated error number */
    long receive(int from) {
        descriptor = from;
        long received = Linux.read(from, incoming, incoming.byteSize(), callState);
        length = (int) received;
        return received;
    }

    int opcode() {
        return memory.get(JAVA_INT, IN + 4);
    }

    long unique() {
        return memory.get(JAVA_LONG, IN + 8);
    }

    /** The inode that the request is about. */
    long node() {
        return memory.get(JAVA_LONG, IN + 16);
    }

    int pid() {
        return memory.get(JAVA_INT, IN + 32);
    }

    boolean isFromSuperuser() {
        return memory.get(JAVA_INT, IN + 24) == 0;
    }

    Caller caller() {
        return caller(0);
    }

    Caller caller(int umask) {
        return CallerGroups.caller(memory.get(JAVA_INT, IN + 24), memory.get(JAVA_INT, IN + 28), pid(), umask);
    }

    int intAt(int offset) {
        return memory.get(JAVA_INT, ARGUMENTS + offset);
    }

    long longAt(int offset) {
        return memory.get(JAVA_LONG, ARGUMENTS + offset);
    }

    /** Unsigned, but never negative here: a size that fits the buffer. */
    int sizeAt(int offset) {
        return Math.clamp(Integer.toUnsignedLong(intAt(offset)), 0, maxBody);
    }

    /** The bytes up to the next NUL. */
    byte[] stringAt(int offset) {
        int start = ARGUMENTS + offset;
        int end = start;
        while (end < IN + length && memory.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        return memory.asSlice(start, end - start).toArray(JAVA_BYTE);
    }

    FileName nameAt(int offset) throws FsException {
        return FileName.of(stringAt(offset));
    }

    byte[] bytesAt(int offset, int count) {
        return memory.asSlice(ARGUMENTS + offset, count).toArray(JAVA_BYTE);
    }

    /** The request's bytes from there on, without a copy; valid until the reply. */
    ByteBuffer dataAt(int offset, int count) {
        int start = ARGUMENTS + offset;
        return bytes.limit(start + count).position(start);
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

    /** @return false when the caller was interrupted and the kernel forgot the request */
    boolean reply(int bodyLength) {
        return send(OUT_HEADER + bodyLength, 0);
    }

    void replyError(int errorNumber) {
        send(OUT_HEADER, -errorNumber);
    }

    /** @return whether the request is one that was received from that descriptor and has no reply yet */
    boolean replyErrorTo(int otherDescriptor, int errorNumber) {
        return send(otherDescriptor, OUT_HEADER, -errorNumber);
    }

    private boolean send(int total, int error) {
        return send(descriptor, total, error);
    }

    private boolean send(int to, int total, int error) {
        long unique = unique();
        memory.set(JAVA_INT, OUT, total);
        memory.set(JAVA_INT, OUT + 4, error);
        memory.set(JAVA_LONG, OUT + 8, unique);
        return Linux.write(to, outgoing, total, callState) >= 0;
    }
}
