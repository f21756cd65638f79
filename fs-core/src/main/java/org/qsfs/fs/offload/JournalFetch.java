package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;

/** Brings the published journal onto a machine that has nothing of it, so that its replay reads from the local disk. */
final class JournalFetch {
    private static final int AT_ONCE = 4;

    private JournalFetch() {}

    /** Fetches every journal segment of the head's chain from its checkpoint on. Segments that are there already are left. */
    static void fetch(SegmentStore store, Head head, Path directory) throws IOException {
        int first = head.checkpoint().map(start -> start.segment().number()).orElse(0);
        int last = head.lastMeta().number();
        List<SegmentId> wanted = store.records().stream()
                .filter(record -> record.state().servesReads())
                .map(SegmentRecord::id)
                .filter(id -> id.namespace() == SegmentNamespace.META && id.number() >= first && id.number() <= last)
                .filter(id -> !Files.exists(file(directory, id)))
                .toList();
        Files.createDirectories(directory);
        List<Future<?>> fetches = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            for (SegmentId id : wanted) {
                fetches.add(threads.submit(() -> {
                    store.fetch(id, file(directory, id));
                    return null;
                }));
            }
            for (Future<?> fetch : fetches) {
                fetch.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("the published journal could not be fetched: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the published journal was fetched", e);
        }
    }

    private static Path file(Path directory, SegmentId id) {
        return directory.resolve("d" + id.number());
    }
}
