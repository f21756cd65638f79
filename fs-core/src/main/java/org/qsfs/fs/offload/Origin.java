package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.journal.SegmentLink;
import org.qsfs.fs.offload.Terms.Term;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.SegmentInfo;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;

/**
 * Where the state of a volume comes from that is being opened: from this machine's own logs, from the published head, or from nowhere because it is new. Refuses to mix
 * histories.
 *
 * @param terms all terms, the current writer's last
 * @param heads what is published, as the catalog and the backends say
 * @param chainEnd the segment that the journal ends in, when what lies beyond it locally does not count; null when the local logs say where it ends
 */
record Origin(Terms terms, KnownHeads heads, @Nullable SegmentLink chainEnd) {

    /**
     * Decides; changes nothing.
     *
     * @throws VolumeException this machine's state and the published one do not belong together; says what to do
     */
    static Origin determine(
            VolumeConfig config,
            Volume.Start start,
            SegmentStore store,
            long epoch,
            SegmentLogConfig data,
            SegmentLogConfig meta)
            throws IOException {
        Optional<LocalState> local = LocalState.read(config.stateFile());
        KnownHeads heads = KnownHeads.ask(store);
        Optional<Head> head = heads.newest();
        List<SegmentId> stored = store.records().stream()
                .map(SegmentRecord::id)
                .filter(id -> SegmentNamespace.OF_VOLUME.contains(id.namespace()))
                .toList();
        Term next =
                new Term(epoch, next(data, SegmentNamespace.DATA, stored), next(meta, SegmentNamespace.META, stored));
        Terms terms;
        @Nullable SegmentLink chainEnd = null;
        if (local.isPresent()) {
            Terms known = ours(config, local.get()).terms();
            checkSameHistory(config, known, head, meta);
            terms = known.with(next);
        } else if (start == Volume.Start.RESTORE) {
            Head published = head.orElseThrow(() -> new VolumeException(
                    "nothing of volume '" + config.name() + "' was ever published, so there is nothing to restore"));
            terms = Terms.ofStored(stored, next);
            chainEnd = new SegmentLink(
                    published.lastMeta().number(), published.lastMeta().epoch(), published.lastMetaHash());
        } else if (head.isPresent()) {
            throw new VolumeException(
                    "volume '%s' was published at %s, but %s holds nothing of it; run 'qsfs restore' to get it back here"
                            .formatted(config.name(), head.get().published(), config.directory()));
        } else {
            terms = Terms.ofStored(stored, next);
        }
        return new Origin(terms, heads, chainEnd);
    }

    /**
     * The head in the catalog, with its revision. When the backends have a later one, it is put there if the catalog knows all that it needs; if a part is only on the local disk, it is left to be
     * uploaded and published again. For a restore the journal must be here already.
     *
     * @throws VolumeException what the later head needs cannot be read
     */
    Optional<PublishedHead> headInCatalog(
            VolumeConfig config, SegmentStore store, SegmentLogConfig data, SegmentLogConfig meta) throws IOException {
        if (!heads.catalogIsBehind()) {
            return heads.inCatalog();
        }
        Head later = heads.newest().orElseThrow();
        StoredSegments stored = new StoredSegments(
                store,
                SegmentNamespace.META,
                (record, offset, dst) -> store.read(record.id(), offset, dst),
                number -> terms.identify(SegmentNamespace.META, number),
                number -> number <= later.lastMeta().number());
        Path dataSegments = data.dataRoot().resolve(data.namespace());
        if (!heads.requireReadable(config.name(), store, meta.withMissing(stored), dataSegments, terms)) {
            return heads.inCatalog();
        }
        if (!store.publishHead(heads.inCatalog(), later)) {
            throw new VolumeException("the head of volume '" + config.name()
                    + "' in the catalog was changed by somebody else meanwhile; try again");
        }
        return store.head();
    }

    /** Makes this machine a writer of the volume: from now on it has local state. After a restore has brought the journal here. */
    void settle(VolumeConfig config) throws IOException {
        Files.createDirectories(config.directory());
        LocalState state = new LocalState(config.id(), terms);
        if (!LocalState.read(config.stateFile()).equals(Optional.of(state))) {
            state.write(config.stateFile());
        }
    }

    private static LocalState ours(VolumeConfig config, LocalState state) throws VolumeException {
        if (!state.volume().equals(config.id())) {
            throw new VolumeException(
                    "%s belongs to volume %s, but the configuration is of volume %s; use another QSFS_HOME or volume name"
                            .formatted(config.directory(), state.volume(), config.id()));
        }
        return state;
    }

    /** The published head must lie in the history that this machine has. */
    private static void checkSameHistory(VolumeConfig config, Terms terms, Optional<Head> head, SegmentLogConfig meta)
            throws IOException {
        if (head.isEmpty()) {
            return;
        }
        SegmentId last = head.get().lastMeta();
        if (!terms.identify(SegmentNamespace.META, last.number()).equals(last) || last.number() > highest(meta)) {
            throw forked(
                    config, "the published head is journal segment " + last + ", which this machine does not know");
        }
        Path file = meta.dataRoot().resolve(meta.namespace()).resolve("d" + last.number());
        if (Files.exists(file)) {
            Sha256 found = hash(file);
            if (!found.equals(head.get().lastMetaHash())) {
                throw forked(
                        config,
                        "journal segment %s has the hash %s here and %s in the published head"
                                .formatted(last, found, head.get().lastMetaHash()));
            }
        }
    }

    private static VolumeException forked(VolumeConfig config, String found) {
        return new VolumeException(
                ("the local state of volume '%s' and the published one are different histories: %s. To go on with the published one, move %s away and"
                                + " run 'qsfs restore'; what only exists locally stays in what you moved")
                        .formatted(config.name(), found, config.directory()));
    }

    private static int next(SegmentLogConfig log, SegmentNamespace namespace, Collection<SegmentId> stored)
            throws IOException {
        int highest = stored.stream()
                .filter(id -> id.namespace() == namespace)
                .mapToInt(SegmentId::number)
                .max()
                .orElse(-1);
        return Math.max(highest, highest(log)) + 1;
    }

    /** Highest number of which a file is on the local disk, -1 when there is none. */
    private static int highest(SegmentLogConfig config) throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            return log.segments().stream().mapToInt(SegmentInfo::number).max().orElse(-1);
        }
    }

    private static Sha256 hash(Path file) throws IOException {
        MessageDigest digest = Sha256.hasher();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        return Sha256.of(digest.digest());
    }
}
