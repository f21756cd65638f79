package org.qsfs.fuse.jnr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Interruption;
import org.qsfs.fs.Timestamp;
import org.qsfs.fuse.session.RequestSource;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * One thread's buffers. Everything a reply needs is made once here, so that answering a read or write allocates nothing.
 *
 * <pre>
 * offset          content
 * 0               cell for the channel pointer
 * 64              struct fuse_entry_param: ino 8, generation 8, struct stat, attr_timeout 8, entry_timeout 8
 * 512             struct statvfs
 * 4096            request, as the channel delivers it
 * 4096 + bufsize  data of a reply
 * </pre>
 */
final class JnrWorker implements RequestSource.Worker {
    /** libfuse calls back without telling which receive it comes from. */
    private static final ThreadLocal<@Nullable JnrWorker> CURRENT = new ThreadLocal<>();

    private static final int ENTRY = 64;
    private static final int STATVFS = 512;
    private static final int REQUEST = 4096;
    private static final int STAT_OFFSET = 16;
    private static final int BLOCK = 4096;

    /** Space for data of a reply: the largest read, and an extended attribute, which has at most 64 KiB. */
    static final int REPLY_BYTES = 128 << 10;

    private final JnrConnection connection;
    private final int requestBytes;
    private final ByteBuffer memory;
    private final MemorySegment segment;
    private final ByteBuffer replyData;
    private final MemorySegment replySegment;
    private final FileStat stat;
    private final MemorySegment entry;
    private final int entryTimeouts;
    private final Interruption interruption;
    private int received;

    JnrWorker(JnrConnection connection, int requestBytes) {
        this.connection = connection;
        this.requestBytes = requestBytes;
        memory = ByteBuffer.allocateDirect(REQUEST + requestBytes + REPLY_BYTES);
        segment = MemorySegment.ofBuffer(memory);
        replySegment = segment.asSlice(REQUEST + requestBytes, REPLY_BYTES);
        replyData = replySegment.asByteBuffer();
        Runtime runtime = connection.runtime();
        stat = FileStat.of(Pointer.wrap(runtime, segment.address() + ENTRY + STAT_OFFSET));
        entryTimeouts = STAT_OFFSET + jnr.ffi.Struct.size(stat);
        entry = segment.asSlice(ENTRY, entryTimeouts + 16);
        interruption = new Interruption(connection::watch);
    }

    @Override
    public boolean receive() {
        while (true) {
            segment.set(ValueLayout.JAVA_LONG, 0, connection.channel());
            received =
                    connection.library().fuse_chan_recv(segment.address(), segment.address() + REQUEST, requestBytes);
            if (received > 0) {
                return true;
            }
            // anything but EINTR: the session is over (ENODEV becomes 0 in libfuse)
            if (received != -org.qsfs.fuse.system.Linux.EINTR) {
                return false;
            }
        }
    }

    @Override
    public void handle() {
        CURRENT.set(this);
        connection
                .library()
                .fuse_session_process(
                        connection.session(), segment.address() + REQUEST, received, connection.channel());
        interruption.end();
    }

    @Override
    public Interruption interruption() {
        return interruption;
    }

    @Override
    public void close() {
        CURRENT.remove();
        connection.returned(this);
    }

    /** The buffers of the thread that answers a request. */
    static JnrWorker current() {
        JnrWorker worker = CURRENT.get();
        if (worker == null) {
            throw new IllegalStateException("libfuse called back on a thread that serves no request");
        }
        return worker;
    }

    /** The part of the request buffer at an address that libfuse gave. */
    ByteBuffer requestData(long address, long size) {
        long position = address - segment.address();
        if (position < 0 || position + size > memory.capacity()) {
            return NativeMemory.at(address, size).asByteBuffer();
        }
        return memory.limit((int) (position + size)).position((int) position);
    }

    /** Room for the data of a reply, at {@link #replyAddress}. */
    ByteBuffer replyData(long size) {
        return replyData.clear().limit((int) Math.min(size, REPLY_BYTES));
    }

    MemorySegment replySegment() {
        return replySegment;
    }

    long replyAddress() {
        return replySegment.address();
    }

    long statvfsAddress() {
        return segment.address() + STATVFS;
    }

    /** Fills the stat buffer. @return its address */
    long stat(Attributes a) {
        stat.st_dev.set(0);
        stat.st_ino.set(a.inode());
        stat.st_mode.set(a.mode());
        stat.st_nlink.set(a.links());
        stat.st_uid.set(a.uid());
        stat.st_gid.set(a.gid());
        stat.st_rdev.set(a.device());
        stat.st_size.set(a.size());
        stat.st_blksize.set(BLOCK);
        stat.st_blocks.set(a.blocks());
        time(stat.st_atim, a.accessed());
        time(stat.st_mtim, a.modified());
        time(stat.st_ctim, a.changed());
        return entry.address() + STAT_OFFSET;
    }

    private static void time(Timespec target, Timestamp time) {
        target.tv_sec.set(time.seconds());
        target.tv_nsec.set(time.nanos());
    }

    /** Fills the entry buffer. @return its address */
    long entry(Attributes a, double timeout) {
        entry.set(ValueLayout.JAVA_LONG, 0, a.inode());
        entry.set(ValueLayout.JAVA_LONG, 8, 0);
        stat(a);
        return timeouts(timeout);
    }

    /** An entry that says: there is no such name, and you may remember that. */
    long noEntry(double timeout) {
        entry.fill((byte) 0);
        return timeouts(timeout);
    }

    private long timeouts(double timeout) {
        entry.set(ValueLayout.JAVA_DOUBLE, entryTimeouts, timeout);
        entry.set(ValueLayout.JAVA_DOUBLE, entryTimeouts + 8, timeout);
        return entry.address();
    }
}
