package org.qsfs.zdb.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file of the operating system.
 *
 * <p>A {@link FileChannel} is closed when a thread that uses it is interrupted. One interrupted caller must not take the file
 * away from everybody, so the channel is opened again and the operation repeated; the thread stays interrupted. Repeating is
 * harmless: writes carry their position.
 */
final class SystemFile implements OpenFile {
    private interface Operation {
        long run(FileChannel channel) throws IOException;
    }

    private final Path path;
    private final OpenMode reopenMode;
    private volatile FileChannel channel;
    private volatile boolean closed;

    SystemFile(Path path, FileChannel channel, OpenMode mode) {
        this.path = path;
        this.channel = channel;
        this.reopenMode = mode == OpenMode.READ ? OpenMode.READ : OpenMode.READ_WRITE;
    }

    @Override
    public long size() throws IOException {
        return call(FileChannel::size);
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        int from = dst.position();
        return (int) call(c -> c.read(dst.position(from), position));
    }

    @Override
    public void write(long position, ByteBuffer... src) throws IOException {
        int[] from = new int[src.length];
        for (int i = 0; i < src.length; i++) {
            from[i] = src[i].position();
        }
        call(c -> {
            long left = 0;
            for (int i = 0; i < src.length; i++) {
                left += src[i].position(from[i]).remaining();
            }
            long at = position;
            if (src.length == 1) {
                while (left > 0) {
                    int n = c.write(src[0], at);
                    at += n;
                    left -= n;
                }
            } else {
                c.position(at);
                while (left > 0) {
                    left -= c.write(src);
                }
            }
            return 0;
        });
    }

    @Override
    public void truncate(long length) throws IOException {
        call(c -> c.truncate(length).size());
    }

    @Override
    public void sync() throws IOException {
        call(c -> {
            c.force(false);
            return 0;
        });
    }

    @Override
    public void reserve(long end) throws IOException {
        long length = size();
        if (end > length) {
            SystemHints.reserve(path, length, end - length);
        }
    }

    @Override
    public void giveBackReserved() {
        SystemHints.giveBackReserved(path);
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
        }
        channel.close();
    }

    private long call(Operation operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return operation.run(channel);
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    reopen(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(ClosedChannelException cause) throws IOException {
        if (closed) {
            throw cause;
        }
        if (!channel.isOpen()) {
            channel = SystemFiles.channel(path, reopenMode);
        }
    }
}
