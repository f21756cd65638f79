package org.qsfs.zdb.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Numbered files kept open, a bounded number of them. Reading an open file takes no lock. A file that is closed under a reader
 * because others pushed it out is opened again.
 */
public final class FilePool implements Closeable {
    /** Opens a file that is not in the pool. */
    public interface Opener {
        OpenFile open(int number) throws IOException;
    }

    private interface Operation {
        void run(OpenFile file) throws IOException;
    }

    /** A file is pushed out between opening and using it only when as many others are opened in that moment. */
    private static final int MOST_ATTEMPTS = 100;

    private final int limit;
    private final Opener opener;
    private final Map<Integer, OpenFile> open = new ConcurrentHashMap<>();
    private volatile int pinned = -1;
    private volatile boolean closed;

    public FilePool(int limit, Opener opener) {
        this.limit = limit;
        this.opener = opener;
    }

    /** Adds the file that is appended to; it is not pushed out until another one is pinned. */
    public void pin(int number, OpenFile file) throws IOException {
        synchronized (open) {
            pinned = number;
            put(number, file);
        }
    }

    /** Fills the remaining space of {@code dst}. {@link java.nio.file.NoSuchFileException} when the file is not there. */
    public void read(int number, ByteBuffer dst, long position) throws IOException {
        int start = dst.position();
        run(number, file -> file.readFully(dst.position(start), position));
    }

    public void write(int number, ByteBuffer src, long position) throws IOException {
        int start = src.position();
        run(number, file -> file.write(position, src.position(start)));
    }

    public void sync(int number) throws IOException {
        run(number, OpenFile::sync);
    }

    /** Closes a file of the pool, because it was replaced or removed. */
    public void forget(int number) throws IOException {
        synchronized (open) {
            OpenFile file = open.remove(number);
            if (file != null) {
                file.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (open) {
            closed = true;
            for (OpenFile file : open.values()) {
                file.close();
            }
            open.clear();
        }
    }

    private void run(int number, Operation operation) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                operation.run(get(number));
                return;
            } catch (ClosedChannelException e) {
                if (closed || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private OpenFile get(int number) throws IOException {
        OpenFile file = open.get(number);
        if (file != null) {
            return file;
        }
        synchronized (open) {
            if (closed) {
                throw new ClosedChannelException();
            }
            file = open.get(number);
            if (file == null) {
                file = opener.open(number);
                put(number, file);
            }
            return file;
        }
    }

    private void put(int number, OpenFile file) throws IOException {
        Iterator<Map.Entry<Integer, OpenFile>> each = open.entrySet().iterator();
        while (open.size() >= limit && each.hasNext()) {
            Map.Entry<Integer, OpenFile> victim = each.next();
            if (victim.getKey() != pinned) {
                each.remove();
                victim.getValue().close();
            }
        }
        @Nullable OpenFile before = open.put(number, file);
        if (before != null) {
            before.close();
        }
    }
}
