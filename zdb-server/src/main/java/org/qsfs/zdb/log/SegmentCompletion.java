package org.qsfs.zdb.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What follows when the data file of a segment is complete and durable: its index file is written, then the listeners are told. In the order of the segments, by whichever
 * thread comes first.
 */
final class SegmentCompletion {
    /** So many segments stay in the system's memory when they are closed, for who reads them next: uploads. */
    private static final int KEPT = 2;

    private record Closed(int segment, long length, IndexEntries entries) {}

    private final SegmentLogConfig config;
    private final SegmentDirectory directory;
    private final IndexWriter indexWriter;
    private final List<SegmentListener> listeners = new CopyOnWriteArrayList<>();
    /** Closed segments that still get their index file. Added to in order, under the log's append lock. */
    private final Queue<Closed> waiting = new ConcurrentLinkedQueue<>();
    /** Completed segments in the system's memory, oldest first. Guarded by lock. */
    private final Deque<Integer> cached = new ArrayDeque<>();
    /** Held while index files are written and listeners called, which keeps them in order. */
    private final ReentrantLock lock = new ReentrantLock();

    SegmentCompletion(SegmentLogConfig config, SegmentDirectory directory) {
        this.config = config;
        this.directory = directory;
        this.indexWriter = new IndexWriter(config.files(), config.indexDirectory());
    }

    void addListener(SegmentListener listener) {
        listeners.add(listener);
    }

    /** A data file is complete and durable. */
    void closed(int segment, long length, IndexEntries entries) {
        waiting.add(new Closed(segment, length, entries));
    }

    /** Completes every segment that was closed. */
    void completeAll() throws IOException {
        lock.lock();
        try {
            for (Closed segment = waiting.poll(); segment != null; segment = waiting.poll()) {
                write(segment);
                for (SegmentListener listener : listeners) {
                    listener.segmentClosed(segment.segment(), segment.length());
                }
                dropCached(segment.segment());
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A log only grows, and left alone takes new memory for every byte: from what others could use, and on a virtual machine memory that the host first has to find. What was written
     * through a mount is in the kernel's memory for that mount anyway.
     */
    private void dropCached(int newest) {
        cached.add(newest);
        if (cached.size() > KEPT) {
            directory.dropCached(cached.remove());
        }
    }

    /** Tells the listeners that the log takes nothing more. */
    void failed(IOException cause) {
        for (SegmentListener listener : listeners) {
            listener.failed(cause);
        }
    }

    /** Writes the index files that a crash left out: from the data file, or header-only where that is not local. */
    void writeMissing(int below) throws IOException {
        for (int number = 0; number < below; number++) {
            if (directory.isIndexed(number)) {
                continue;
            }
            if (directory.isLocal(number)) {
                // the index file is the sign that the data file is durable, so this one may not be
                directory.sync(number);
                writeByReading(number, directory.localLength(number));
            } else {
                indexWriter.writePlaceholder(number);
                directory.indexWritten(number);
            }
        }
        config.files().syncDirectory(config.indexDirectory());
    }

    private void write(Closed segment) throws IOException {
        if (segment.entries().isComplete()) {
            indexWriter.write(segment.segment(), segment.entries());
            directory.indexWritten(segment.segment());
        } else {
            writeByReading(segment.segment(), segment.length());
        }
    }

    private void writeByReading(int number, long length) throws IOException {
        indexWriter.write(number, (dst, position) -> directory.read(number, position, dst), length);
        directory.indexWritten(number);
    }
}
