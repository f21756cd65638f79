package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.journal.JournalChain;
import org.qsfs.fs.journal.MetaRoll;
import org.qsfs.fs.journal.SegmentLink;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.zdb.log.SegmentLogConfig;

/**
 * What the catalog and the sealed copies on the backends say is published. The copies are written after the catalog; so when one of them is later, the catalog was lost or set
 * back to an older state.
 *
 * @param inCatalog the head in the catalog
 * @param newest the highest of all heads: by epoch, then by segment
 */
record KnownHeads(Optional<PublishedHead> inCatalog, Optional<Head> newest) {
    private static final Comparator<Head> ORDER = Comparator.comparingLong(Head::epoch)
            .thenComparingInt(head -> head.lastMeta().number());

    /** Asks catalog and backends; backends that do not answer are left out. */
    static KnownHeads ask(SegmentStore store) throws IOException {
        Optional<PublishedHead> inCatalog = store.head();
        Optional<Head> catalogs = inCatalog.map(PublishedHead::head);
        Optional<Head> later = store.newestHeadOnBackends()
                .filter(copy -> catalogs.isEmpty() || ORDER.compare(copy, catalogs.get()) > 0);
        return new KnownHeads(inCatalog, later.or(() -> catalogs));
    }

    /** Whether the backends know of a later head than the catalog. */
    boolean catalogIsBehind() {
        return newest.isPresent() && !newest.equals(inCatalog.map(PublishedHead::head));
    }

    /** How far the catalog is behind, in a sentence for people. */
    String difference() {
        String before = inCatalog
                .map(PublishedHead::head)
                .map(head ->
                        "its head is journal segment %s, published %s".formatted(head.lastMeta(), head.published()))
                .orElse("it has no head");
        Head later = newest.orElseThrow();
        return "the catalog was set back to an older state: %s, but the backends hold the later head %s, published %s"
                .formatted(before, later.lastMeta(), later.published());
    }

    /**
     * Makes sure that everything that the newest head has more than the catalog's can be read.
     *
     * @param meta where journal segments are read: from the local disk or the backends
     * @param data directory of local data segments
     * @param terms all terms, the current writer's last
     * @return whether the catalog has a record of all of it; if not, the rest is on the local disk
     * @throws VolumeException it cannot; says what to do
     */
    boolean requireReadable(String volume, SegmentStore store, SegmentLogConfig meta, Path data, Terms terms)
            throws IOException {
        Head head = newest.orElseThrow();
        if (head.epoch() > terms.current().epoch()) {
            throw notReadable(
                    volume, "epoch " + terms.current().epoch() + " of this mount is not above the later head's", null);
        }
        if (!terms.identify(SegmentNamespace.META, head.lastMeta().number()).equals(head.lastMeta())) {
            throw notReadable(volume, "the catalog has no record of journal segment " + head.lastMeta(), null);
        }
        // the checkpoint makes everything before it unnecessary, but for its last transaction; the catalog's own head
        // was checked when it was written
        int checkpoint =
                head.checkpoint().map(start -> start.segment().number() - 2).orElse(-1);
        int published = inCatalog.map(known -> known.head().lastMeta().number()).orElse(-1);
        List<MetaRoll> chain;
        try {
            SegmentLink tail =
                    new SegmentLink(head.lastMeta().number(), head.lastMeta().epoch(), head.lastMetaHash());
            chain = JournalChain.ending(meta, tail, Math.max(checkpoint, published));
        } catch (IOException e) {
            throw notReadable(volume, e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
        boolean recorded = true;
        List<SegmentId> missing = new ArrayList<>();
        for (MetaRoll roll : chain) {
            recorded &= isRecorded(store, new SegmentId(roll.epoch(), SegmentNamespace.META, roll.segment()));
            for (int number : roll.dataSegments()) {
                SegmentId id = terms.identify(SegmentNamespace.DATA, number);
                if (!isRecorded(store, id)) {
                    recorded = false;
                    if (!Files.exists(data.resolve("d" + number))) {
                        missing.add(id);
                    }
                }
            }
        }
        if (!missing.isEmpty()) {
            throw notReadable(
                    volume,
                    "the catalog has no record of %d data segments that it needs, the first is %s"
                            .formatted(missing.size(), missing.getFirst()),
                    null);
        }
        return recorded;
    }

    private static boolean isRecorded(SegmentStore store, SegmentId id) throws IOException {
        return store.record(id).filter(record -> record.state().readable()).isPresent();
    }

    private VolumeException notReadable(String volume, String why, @Nullable Throwable cause) {
        String message =
                "volume '%s': %s. That cannot be used: %s. 'qsfs catalog rebuild' makes the catalog again from what the backends hold"
                        .formatted(volume, difference(), why);
        return cause == null ? new VolumeException(message) : new VolumeException(message, cause);
    }
}
