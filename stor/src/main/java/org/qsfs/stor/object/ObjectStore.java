package org.qsfs.stor.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
     * @param staging a directory of its own, made when it is missing
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
        ObjectName name = ObjectName.of(as);
        StoredObject.FileFacts facts = ObjectTransfer.facts(file, as);
        Optional<StoredObject> before = catalog.find(name);
        if (before.isPresent()
                && before.get().file().checksum().equals(facts.checksum())
                && before.get().file().size() == facts.size()
                && health(before.get()).lost() == 0) {
            StoredObject same = new StoredObject(
                    facts, before.get().generation(), before.get().pieces());
            if (!same.equals(before.get())) {
                catalog.put(same);
            }
            return new Stored(same, false);
        }
        return new Stored(replace(file, facts, before), true);
    }

    /** Stores an object once more, as the configuration is now; it must be readable. */
    public synchronized StoredObject rebuild(ObjectName name) throws IOException {
        StoredObject before = require(name);
        Path copy = transfer.stagingFile("rebuild");
        try {
            transfer.retrieve(before, copy);
            return replace(copy, before.file(), Optional.of(before));
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** The object of a name, if there is one. */
    public Optional<StoredObject> find(ObjectName name) throws StorException {
        return catalog.find(name);
    }

    /** All objects. */
    public List<StoredObject> all() throws StorException {
        return catalog.all();
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
     * Brings a file back, with its permissions and modification time. The target appears by rename, synced, after its checksum was found right; what was there is replaced. A file
     * beside it with the suffix {@code .retrieving} is used meanwhile.
     *
     * @throws StorException.NoSuchObject when nothing is stored under that name
     */
    public StoredObject retrieve(ObjectName name, Path target) throws IOException {
        StoredObject object = require(name);
        transfer.retrieve(object, target);
        return object;
    }

    /**
     * Removes an object.
     *
     * @return false when there was none
     */
    public synchronized boolean delete(ObjectName name) throws IOException {
        Optional<StoredObject> object = catalog.find(name);
        if (object.isEmpty()) {
            return false;
        }
        catalog.remove(name);
        drop(object.get().pieces());
        return true;
    }

    /** Deletes pieces that belong to no object: of stores that were interrupted. */
    public synchronized void collect() throws IOException {
        Set<SegmentId> used = new HashSet<>();
        for (StoredObject object : catalog.all()) {
            used.addAll(object.pieces());
        }
        drop(pieces().keySet().stream().filter(id -> !used.contains(id)).toList());
    }

    /**
     * Makes the records of objects again, from what the pieces say; for a catalog that was rebuilt. Of several stores of a path the last complete one wins, by the numbers of its
     * segments.
     *
     * @return how many objects have a record now
     */
    public synchronized int rebuildRecords() throws IOException {
        Map<String, NavigableMap<Integer, SegmentId>> generations = new HashMap<>();
        Map<String, ObjectPiece> known = new HashMap<>();
        for (SegmentRecord record : pieces().values()) {
            SegmentId id = record.id();
            if (!record.state().readable()) {
                LOG.warn("segment {} is {}, so the file it is a piece of is left out", id, record.state());
                continue;
            }
            ObjectPiece piece = transfer.header(id);
            ObjectPiece first = known.putIfAbsent(piece.generation(), piece);
            if (first != null && !first.belongsWith(piece)) {
                throw new StorException.Damaged(
                        "segment " + id + " says it is of another file than the other pieces of " + piece.generation());
            }
            generations
                    .computeIfAbsent(piece.generation(), _ -> new TreeMap<>())
                    .put(piece.number(), id);
        }
        Map<ObjectName, StoredObject> newest = new HashMap<>();
        generations.forEach((generation, found) -> {
            ObjectPiece any = known.get(generation);
            if (any != null && found.size() == any.count()) {
                StoredObject object = new StoredObject(any.file(), generation, List.copyOf(found.values()));
                newest.merge(any.file().name(), object, ObjectStore::later);
            }
        });
        for (StoredObject object : newest.values()) {
            catalog.put(object);
        }
        return newest.size();
    }

    private static StoredObject later(StoredObject one, StoredObject other) {
        return one.pieces().getLast().compareTo(other.pieces().getLast()) > 0 ? one : other;
    }

    private StoredObject replace(Path file, StoredObject.FileFacts facts, Optional<StoredObject> before)
            throws IOException {
        byte[] generation = new byte[StoredObject.GENERATION_BYTES];
        random.nextBytes(generation);
        List<SegmentId> stored = new ArrayList<>();
        boolean complete = false;
        try {
            int next = 1
                    + pieces().keySet().stream()
                            .mapToInt(SegmentId::number)
                            .max()
                            .orElse(-1);
            transfer.upload(file, facts, HexFormat.of().formatHex(generation), catalog.epoch(), next, stored);
            StoredObject object = new StoredObject(facts, HexFormat.of().formatHex(generation), stored);
            catalog.put(object);
            complete = true;
            before.ifPresent(old -> drop(old.pieces()));
            return object;
        } finally {
            if (!complete) {
                drop(stored);
            }
        }
    }

    /** What cannot be deleted now is garbage that {@link #collect} finds. */
    private void drop(List<SegmentId> pieces) {
        for (SegmentId piece : pieces) {
            try {
                if (segments.record(piece).isPresent()) {
                    segments.delete(piece);
                }
            } catch (IOException e) {
                LOG.warn("segment {} is not needed any more and stays for now: {}", piece, e.getMessage());
            }
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

    private StoredObject require(ObjectName name) throws StorException {
        return catalog.find(name)
                .orElseThrow(() -> new StorException.NoSuchObject(
                        "nothing is stored under the name " + name + "; `qsfs object list` shows what is"));
    }
}
