package org.qsfs.stor.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores single files and brings them back.
 *
 * <p><b>Durability.</b> When {@link #store} has returned, the file is on its backends as its segments' records say, and its record is in the catalog. Until then what was stored
 * before under that path stays. A file that changes while it is stored is refused.
 *
 * <p><b>Memory and disk.</b> One piece at a time is copied to the staging directory, at most {@link #PIECE_BYTES} long.
 *
 * <p><b>Threading.</b> Thread-safe; stores run one after another. Of several processes only the writer of the volume may change anything.
 */
public final class ObjectStore {
    /** File bytes of one piece. */
    public static final long PIECE_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ObjectStore.class);

    private final SegmentStore segments;
    private final ObjectCatalog catalog;
    private final ObjectTransfer transfer;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param staging a directory of its own, made when it is missing; files there whose names begin with {@code qsfs-} are deleted
     * @param pieceBytes most bytes of a file in one segment, less than 4 GiB; {@link #PIECE_BYTES} is usual
     */
    public ObjectStore(SegmentStore segments, ObjectCatalog catalog, Path staging, long pieceBytes) {
        this.segments = segments;
        this.catalog = catalog;
        this.transfer = new ObjectTransfer(segments, staging, pieceBytes);
    }

    /**
     * What a store came to.
     *
     * @param uploaded false when the same content was stored already
     */
    public record Stored(StoredObject object, boolean uploaded) {}

    /**
     * How well an object is stored.
     *
     * @param degraded pieces that lack shards
     * @param lost pieces that cannot be read
     */
    public record Health(int pieces, int degraded, int lost) {
        public boolean whole() {
            return degraded == 0 && lost == 0;
        }
    }

    /** Stores a file under a path, its own or another. The same content is not uploaded again. */
    public synchronized Stored store(Path file, Path as) throws IOException {
        clear();
        StoredObject.FileFacts facts = ObjectTransfer.facts(file, as);
        Optional<ObjectCatalog.Entry> before = catalog.find(facts.name());
        if (before.isPresent() && isStored(facts, before.get().object())) {
            StoredObject known = before.get().object();
            StoredObject same = new StoredObject(facts, known.generation(), known.pieces());
            if (!same.equals(known)) {
                catalog.update(before.get(), same);
            }
            return new Stored(same, false);
        }
        return new Stored(replace(file, facts, before), true);
    }

    private boolean isStored(StoredObject.FileFacts facts, StoredObject object) throws IOException {
        return object.file().checksum().equals(facts.checksum())
                && object.file().size() == facts.size()
                && health(object).lost() == 0;
    }

    /** Stores an object once more, as the configuration is now; it must be readable. */
    public synchronized StoredObject rebuild(ObjectName name) throws IOException {
        clear();
        ObjectCatalog.Entry before = require(name);
        Path copy = transfer.stagingFile("rebuild");
        try {
            transfer.retrieve(before.object(), copy);
            return replace(copy, before.object().file(), Optional.of(before));
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** The object of a name, if there is one. */
    public Optional<StoredObject> find(ObjectName name) throws StorException {
        return catalog.find(name).map(ObjectCatalog.Entry::object);
    }

    /** All objects. */
    public List<StoredObject> all() throws StorException {
        return catalog.all().stream().map(ObjectCatalog.Entry::object).toList();
    }

    /** How well the pieces are stored, from their records. */
    public Health health(StoredObject object) throws IOException {
        int degraded = 0;
        int lost = 0;
        for (SegmentId piece : object.pieces()) {
            Optional<SegmentRecord> record = segments.record(piece);
            if (record.isEmpty() || !record.get().state().servesReads()) {
                lost++;
            } else if (record.get().state() != StoredState.STORED) {
                degraded++;
            }
        }
        return new Health(object.pieces().size(), degraded, lost);
    }

    /**
     * Brings a file back, with its permissions and modification time. The target appears by rename, synced, after its checksum was found right; what was there is replaced. Files
     * beside it whose names begin with its own and {@code .retrieving} are used meanwhile. Needs no lease, and nothing that a writer uses.
     *
     * @throws StorException.NoSuchObject when nothing is stored under that name
     */
    public StoredObject retrieve(ObjectName name, Path target) throws IOException {
        StoredObject object = require(name).object();
        transfer.retrieve(object, target);
        return object;
    }

    /**
     * Removes an object.
     *
     * @return false when there was none
     */
    public synchronized boolean delete(ObjectName name) throws IOException {
        clear();
        Optional<ObjectCatalog.Entry> object = catalog.find(name);
        if (object.isEmpty()) {
            return false;
        }
        catalog.remove(object.get());
        drop(object.get().object());
        return true;
    }

    /**
     * Makes the records of objects again, from what the pieces say; for a catalog whose segment records were rebuilt. Of several stores of a path the last complete one wins.
     *
     * @param complete whether nothing is missing from the segment records; only then what belongs to no object becomes garbage, which the next change deletes
     * @return how many objects were found whole
     */
    public synchronized int rebuildRecords(boolean complete) throws IOException {
        return new ObjectRebuild(pieces().values(), catalog, transfer).run(complete);
    }

    /** Deletes what interrupted stores and deletions left: pieces that the catalog calls garbage, and staging files. Every change begins with it. */
    private void clear() throws IOException {
        transfer.clearStaging();
        for (ObjectCatalog.Entry garbage : catalog.garbage()) {
            StoredObject pieces = garbage.object();
            if (find(pieces.file().name())
                    .filter(object -> object.generation().equals(pieces.generation()))
                    .isPresent()) {
                // a copy of the catalog that was made while these pieces became the object says both
                catalog.forget(pieces);
            } else if (catalog.settle(garbage)) {
                drop(pieces);
            }
        }
    }

    private StoredObject replace(Path file, StoredObject.FileFacts facts, Optional<ObjectCatalog.Entry> before)
            throws IOException {
        StoredObject next = planned(facts);
        ObjectCatalog.Entry intended = catalog.intend(next);
        boolean uploaded = false;
        try {
            transfer.upload(file, next);
            uploaded = true;
        } finally {
            if (!uploaded) {
                drop(next);
            }
        }
        // when this fails it may have happened all the same: whichever of the two is garbage then stands in the catalog
        catalog.replace(before, intended);
        before.map(ObjectCatalog.Entry::object).ifPresent(this::drop);
        return next;
    }

    /** An object whose pieces have numbers that no other piece has or was meant to have. */
    private StoredObject planned(StoredObject.FileFacts facts) throws IOException {
        int highest = Stream.concat(
                        pieces().keySet().stream(),
                        catalog.garbage().stream().flatMap(garbage -> garbage.object().pieces().stream()))
                .mapToInt(SegmentId::number)
                .max()
                .orElse(-1);
        int first = Math.max(highest + 1, catalog.firstPiece());
        long epoch = catalog.epoch();
        byte[] generation = new byte[StoredObject.GENERATION_BYTES];
        random.nextBytes(generation);
        return new StoredObject(
                facts,
                HexFormat.of().formatHex(generation),
                IntStream.range(0, transfer.pieces(facts))
                        .mapToObj(number -> new SegmentId(epoch, SegmentNamespace.OBJECT, first + number))
                        .toList());
    }

    /** Deletes the pieces of what the catalog calls garbage. What cannot be deleted now stays garbage. */
    private void drop(StoredObject garbage) {
        try {
            for (SegmentId piece : garbage.pieces()) {
                if (segments.record(piece).isPresent()) {
                    segments.delete(piece);
                }
            }
            catalog.forget(garbage);
        } catch (IOException e) {
            LOG.warn(
                    "pieces of {} are not needed any more and will be deleted later: {}",
                    garbage.file().path(),
                    e.getMessage());
        }
    }

    private NavigableMap<SegmentId, SegmentRecord> pieces() throws IOException {
        NavigableMap<SegmentId, SegmentRecord> pieces = new TreeMap<>();
        for (SegmentRecord record : segments.records()) {
            if (record.id().namespace() == SegmentNamespace.OBJECT) {
                pieces.put(record.id(), record);
            }
        }
        return pieces;
    }

    private ObjectCatalog.Entry require(ObjectName name) throws StorException {
        return catalog.find(name)
                .orElseThrow(() -> new StorException.NoSuchObject(
                        "nothing is stored under the name " + name + "; `qsfs object list` shows what is"));
    }
}
