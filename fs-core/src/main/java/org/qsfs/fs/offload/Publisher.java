package org.qsfs.fs.offload;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the head of the volume forward: journal segments are published in order, each when it and every data segment it needs are stored. So what the head shows is always
 * a consistent prefix of the volume's history. Thread-safe; one thread at a time publishes, and only {@link #advance} ever waits.
 */
final class Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    /**
     * A closed journal segment.
     *
     * @param hash SHA-256 of its data file
     * @param needs numbers of the data segments that it refers to
     * @param predecessor number of the segment before it in the chain, -1 for the first
     * @param checkpoint the newest complete checkpoint up to its end, if any
     */
    record Link(
            SegmentId segment,
            Sha256 hash,
            int predecessor,
            List<Integer> needs,
            Optional<Head.CheckpointStart> checkpoint) {}

    private final SegmentStore store;
    private final Terms terms;
    private final Clock clock;
    /** Closed journal segments that are not published, by number. */
    private final ConcurrentNavigableMap<Integer, Link> unpublished = new ConcurrentSkipListMap<>();

    private final ReentrantLock publishing = new ReentrantLock();
    private volatile Optional<PublishedHead> head;
    private volatile boolean stopped;
    private volatile @Nullable String failure;

    Publisher(SegmentStore store, Terms terms, Optional<PublishedHead> head, Clock clock) {
        this.store = store;
        this.terms = terms;
        this.head = head;
        this.clock = clock;
    }

    /** A journal segment was closed, or was found closed at start. Ignored when it is published already. */
    void closed(Link link) {
        if (link.segment().number() > lastPublished()) {
            unpublished.put(link.segment().number(), link);
        }
    }

    /** Publishes what can be published. Called whenever a segment was stored; failures are kept for {@link #failure} and tried again by the next call. */
    void advance() {
        publishing.lock();
        try {
            while (!stopped
                    && !unpublished.isEmpty()
                    && publish(unpublished.firstEntry().getValue())) {
                unpublished.pollFirstEntry();
            }
        } catch (IOException e) {
            failure = e.getMessage();
            log.warn("the head stays at journal segment {}: {}", lastPublished(), e.toString());
        } finally {
            publishing.unlock();
        }
    }

    /** Number of the last published journal segment, -1 when nothing is published. */
    int lastPublished() {
        return head.map(published -> published.head().lastMeta().number()).orElse(-1);
    }

    Optional<Head> head() {
        return head.map(PublishedHead::head);
    }

    /** Why the last try to publish failed, null when it did not. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Publishes nothing more: another writer took over, or the volume closes. */
    void stop() {
        stopped = true;
    }

    private boolean publish(Link link) throws IOException {
        if (link.predecessor() != lastPublished() || !isStored(link.segment())) {
            return false;
        }
        for (int number : link.needs()) {
            if (!isStored(terms.identify(SegmentNamespace.DATA, number))) {
                return false;
            }
        }
        Head next = new Head(
                terms.current().epoch(),
                link.segment(),
                link.hash(),
                link.checkpoint().or(() -> head().flatMap(Head::checkpoint)),
                clock.instant());
        if (!store.publishHead(head, next)) {
            Optional<PublishedHead> other = store.head();
            if (other.filter(published -> sameState(published.head(), next)).isPresent()) {
                // our own write, whose answer was lost
                head = other;
            } else {
                stopped = true;
                throw new IOException(
                        "the catalog has the head " + other.map(PublishedHead::head) + " where this writer expected "
                                + head() + "; another writer has published; this mount publishes nothing more");
            }
        } else {
            head = store.head();
        }
        failure = null;
        log.info("published journal segment {}", link.segment());
        return true;
    }

    /** The same head, whenever it was published. */
    private static boolean sameState(Head one, Head other) {
        return one.epoch() == other.epoch()
                && one.lastMeta().equals(other.lastMeta())
                && one.lastMetaHash().equals(other.lastMetaHash());
    }

    private boolean isStored(SegmentId id) throws IOException {
        return store.record(id)
                .map(SegmentRecord::state)
                .filter(state -> state.readable())
                .isPresent();
    }

    /** Number of the newest closed journal segment, published or not; -1 when there is none. */
    int newestClosed() {
        Map.Entry<Integer, Link> newest = unpublished.lastEntry();
        return newest == null ? lastPublished() : newest.getKey();
    }
}
