package org.qsfs.zdb.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open file. Reads may run at the same time as anything else; writes and truncations are made by one thread at a time.
 */
public interface OpenFile extends Closeable {
    /** Length in bytes. */
    long size() throws IOException;

    /**
     * Reads at a position into the remaining space of {@code dst}.
     *
     * @return bytes read, possibly fewer than asked for; -1 at or after the end of the file
     */
    int read(ByteBuffer dst, long position) throws IOException;

    /**
     * Writes all remaining bytes of all buffers, in order, in one gathering write where the system takes them at once. When
     * it fails, any part of them may have been written.
     */
    void write(long position, ByteBuffer... src) throws IOException;

    /** Cuts the file to this length; a shorter file stays as it is. */
    void truncate(long length) throws IOException;

    /** Returns when the bytes written so far are durable (fdatasync). A failed call must not be repeated: the kernel may have dropped the pages. */
    void sync() throws IOException;

    /**
     * A hint: bytes from the end of the file up to {@code end} will be written soon, so room for them may be laid out at once, which is cheaper than block by block. The length stays, and
     * room that is not there is no error before it is written to.
     */
    default void reserve(long end) throws IOException {}

    /** A hint as well: what was reserved and not written to is not needed. Never at the same time as a write. */
    default void giveBackReserved() {}

    /** Closes; reads under way fail with {@link java.nio.channels.ClosedChannelException}. */
    @Override
    void close() throws IOException;

    /** Fills the remaining space of {@code dst} from a position; {@link java.io.EOFException} when the file ends before. */
    default void readFully(ByteBuffer dst, long position) throws IOException {
        long at = position;
        while (dst.hasRemaining()) {
            int n = read(dst, at);
            if (n < 0) {
                throw new java.io.EOFException("file ends at " + size() + ", wanted bytes from " + at);
            }
            at += n;
        }
    }
}
