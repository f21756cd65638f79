package org.qsfs.fs.offload;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.zdb.log.SegmentInfo;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes stored segments from the local disk. A segment goes only when it is closed and each of its shards was just found on its backend
 * ({@link SegmentStore#confirmStored}); a journal segment only when it is published too. The coldest go first ({@link SegmentInfo#heat}; of equally cold ones the oldest), data before
 * journal. One thread at a time.
 */
final class Evictor {
    private static final Logger log = LoggerFactory.getLogger(Evictor.class);

    private final SegmentStore store;
    private final SegmentLog data;
    private final SegmentLog meta;
    private final Terms terms;
    private final Publisher publisher;
    private final StripeCache cache;

    private record Candidate(SegmentLog log, SegmentId id, SegmentInfo info) {}

    Evictor(SegmentStore store, SegmentLog data, SegmentLog meta, Terms terms, Publisher publisher, StripeCache cache) {
        this.store = store;
        this.data = data;
        this.meta = meta;
        this.terms = terms;
        this.publisher = publisher;
        this.cache = cache;
    }

    /** Bytes of both logs and of the stripe cache on the local disk. */
    long localBytes() {
        return localBytes(data) + localBytes(meta) + cache.bytes();
    }

    /** Evicts whatever may go. */
    synchronized Eviction evictAll() throws IOException {
        Eviction done = evict(candidates(), Long.MAX_VALUE);
        cache.clear();
        return done;
    }

    /** Evicts until at most so many bytes are local, or nothing more may go. */
    synchronized Eviction trim(long limit) throws IOException {
        long excess = localBytes() - limit;
        return excess <= 0 ? new Eviction(0, 0, 0) : evict(candidates(), excess);
    }

    private Eviction evict(List<Candidate> candidates, long wanted) throws IOException {
        int evicted = 0;
        int kept = 0;
        long bytes = 0;
        for (Candidate candidate : candidates) {
            if (bytes >= wanted) {
                break;
            }
            if (mayGo(candidate)) {
                candidate.log().evict(candidate.id().number());
                evicted++;
                bytes += candidate.info().length();
                log.debug("evicted segment {}", candidate.id());
            } else {
                kept++;
            }
        }
        return new Eviction(evicted, bytes, kept);
    }

    private boolean mayGo(Candidate candidate) throws IOException {
        SegmentId id = candidate.id();
        if (id.namespace() == SegmentNamespace.META && id.number() > publisher.lastPublished()) {
            return false;
        }
        // a segment that was stored and then cut by a recovery is shorter here, and what is stored begins with the same
        // bytes
        return store.record(id)
                        .filter(record -> record.layout().segmentLength()
                                >= candidate.info().length())
                        .isPresent()
                && store.confirmStored(id);
    }

    private List<Candidate> candidates() {
        List<Candidate> all = new ArrayList<>();
        add(all, SegmentNamespace.DATA, data);
        add(all, SegmentNamespace.META, meta);
        return all;
    }

    private void add(List<Candidate> all, SegmentNamespace namespace, SegmentLog from) {
        from.segments().stream()
                .filter(info -> info.local() && info.state() == SegmentInfo.State.CLOSED)
                .sorted(Comparator.comparingDouble(SegmentInfo::heat).thenComparingInt(SegmentInfo::number))
                .forEach(info -> all.add(new Candidate(from, terms.identify(namespace, info.number()), info)));
    }

    private static long localBytes(SegmentLog from) {
        return from.segments().stream()
                .filter(SegmentInfo::local)
                .mapToLong(SegmentInfo::length)
                .sum();
    }
}
