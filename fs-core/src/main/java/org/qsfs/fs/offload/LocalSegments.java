package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.zdb.log.SegmentInfo;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The segments of both logs of a volume: what is here, compared with what is stored. Thread-safe. */
final class LocalSegments {
    private static final Logger log = LoggerFactory.getLogger(LocalSegments.class);

    private final VolumeConfig config;
    private final SegmentStore store;
    private final Terms terms;
    private final SegmentLog data;
    private final SegmentLog meta;

    LocalSegments(VolumeConfig config, SegmentStore store, Terms terms, SegmentLog data, SegmentLog meta) {
        this.config = config;
        this.store = store;
        this.terms = terms;
        this.data = data;
        this.meta = meta;
    }

    /** A closed segment that is here and has to be uploaded. */
    record Waiting(SegmentId id, long length) {}

    /**
     * How many there are of each kind.
     *
     * @param openBytes of the open ones
     * @param evicted stored and not here
     */
    record Counts(int open, long openBytes, int stored, int degraded, int evicted) {}

    /** Closed segments that are here and nowhere else. */
    List<Waiting> notStored() throws IOException {
        return closed(id -> !isStored(store, id));
    }

    /** Closed segments that are here and that the backends have lost. */
    List<Waiting> lost() throws IOException {
        return closed(id -> store.record(id)
                .filter(record -> record.state() == StoredState.LOST)
                .isPresent());
    }

    private interface Choice {
        boolean takes(SegmentId id) throws IOException;
    }

    private List<Waiting> closed(Choice choice) throws IOException {
        List<Waiting> chosen = new ArrayList<>();
        for (SegmentNamespace namespace : SegmentNamespace.OF_VOLUME) {
            for (SegmentInfo segment : logOf(namespace).segments()) {
                SegmentId id = terms.identify(namespace, segment.number());
                if (segment.local() && segment.state() == SegmentInfo.State.CLOSED && choice.takes(id)) {
                    chosen.add(new Waiting(id, segment.length()));
                }
            }
        }
        return chosen;
    }

    /** Counts what is here and what is stored of the volume; single objects are none of the filesystem's. */
    Counts counts() throws IOException {
        int open = 0;
        long openBytes = 0;
        Set<SegmentId> local = new HashSet<>();
        for (SegmentNamespace namespace : SegmentNamespace.OF_VOLUME) {
            for (SegmentInfo segment : logOf(namespace).segments()) {
                if (segment.state() == SegmentInfo.State.ACTIVE) {
                    open++;
                    openBytes += segment.length();
                } else if (segment.local()) {
                    local.add(terms.identify(namespace, segment.number()));
                }
            }
        }
        int stored = 0;
        int degraded = 0;
        int evicted = 0;
        for (SegmentRecord record : store.records()) {
            if (SegmentNamespace.OF_VOLUME.contains(record.id().namespace())) {
                stored += record.state() == StoredState.STORED ? 1 : 0;
                degraded += record.state() == StoredState.DEGRADED ? 1 : 0;
                evicted += record.state().readable() && !local.contains(record.id()) ? 1 : 0;
            }
        }
        return new Counts(open, openBytes, stored, degraded, evicted);
    }

    static boolean isStored(SegmentStore store, SegmentId id) throws IOException {
        return store.record(id).filter(record -> record.state().readable()).isPresent();
    }

    /** Where a segment's data file is, when it is here. */
    static Path dataFile(VolumeConfig config, SegmentId id) {
        return config.directory()
                .resolve("zdb/data")
                .resolve(config.name() + "-" + id.namespace().word())
                .resolve("d" + id.number());
    }

    SegmentLog logOf(SegmentNamespace namespace) {
        return namespace == SegmentNamespace.DATA ? data : meta;
    }

    /** A block of a local segment is damaged: when the segment is stored, the local copy goes and the stored one is read. */
    boolean replaceDamaged(DamagedBlockListener.DamagedBlock block) {
        SegmentId id = terms.identify(SegmentNamespace.DATA, block.segment());
        try {
            // a segment that is not here was read from the backends already
            boolean replaced = Files.exists(dataFile(config, id)) && store.confirmStored(id);
            if (replaced) {
                log.warn("segment {} is damaged here and read from the backends instead: {}", id, block.message());
                data.evict(id.number());
            }
            return replaced;
        } catch (IOException | RuntimeException e) {
            log.error("segment {} is damaged here and cannot be replaced: {}; {}", id, block.message(), e.toString());
            return false;
        }
    }
}
