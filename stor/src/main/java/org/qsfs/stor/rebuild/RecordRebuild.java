package org.qsfs.stor.rebuild;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.rebuild.AttemptFound.Holding;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;

/**
 * The segment records of a volume, made of the shards that its backends hold. Of several attempts of a segment the one with most whole shards wins; all others become garbage of the record, so
 * that they are deleted. A record that the catalog still has stays when it is of the same attempt, or when it says that the segment is being deleted.
 *
 * <p>A rebuilt record has no SHA-256 of its segment; its stripes are authenticated one by one, as ever.
 */
public final class RecordRebuild {
    /** Where shards lie of which nothing was found; the repairer finds a place for them, as for those of a backend that was removed. */
    private static final BackendId NOWHERE = new BackendId("not-found");

    /** Surely more than there are behind the last one that was seen. */
    private static final int UNSEEN_PIECES = 1 << 20;

    private final ShardCensus census;
    private final NavigableMap<SegmentId, SegmentRecord> records = new TreeMap<>();
    private final Set<SegmentId> unreadable = new HashSet<>();

    private RecordRebuild(ShardCensus census) {
        this.census = census;
        Map<SegmentId, List<AttemptFound>> bySegment = new HashMap<>();
        for (AttemptFound attempt : census.attempts()) {
            bySegment
                    .computeIfAbsent(attempt.attempt().segment(), id -> new ArrayList<>())
                    .add(attempt);
        }
        bySegment.forEach((id, attempts) -> {
            attempts.sort(AttemptFound.ORDER);
            if (attempts.getLast().isReadable()) {
                records.put(id, record(attempts));
            } else {
                unreadable.add(id);
            }
        });
    }

    /** Looks at everything that the backends hold; changes nothing. */
    public static RecordRebuild look(BackendPool pool, VolumeKeys keys) throws InterruptedException {
        return new RecordRebuild(ShardCensus.take(pool, keys));
    }

    /** Records of all segments that can be read. */
    public Collection<SegmentRecord> records() {
        return List.copyOf(records.values());
    }

    /** Segments of which fewer than k whole shards were found. */
    public Set<SegmentId> unreadable() {
        return Set.copyOf(unreadable);
    }

    /** Attempts whose shards could not be read or proved; they are left alone. */
    public int unknownAttempts() {
        return census.unknown().size();
    }

    /** Backends that could not be asked. With them more may be found. */
    public List<BackendFailure> notAsked() {
        return census.notAsked();
    }

    /** Whether every shard that the backends of this volume hold was seen and belongs to a segment that can be read. */
    public boolean isComplete() {
        return unreadable.isEmpty() && unknownAttempts() == 0 && notAsked().isEmpty();
    }

    /** The highest epoch of any shard, 0 when there is none. */
    public long highestEpoch() {
        return census.attempts().stream()
                .mapToLong(found -> found.attempt().segment().epoch())
                .max()
                .orElse(0);
    }

    /**
     * What {@link #write} did.
     *
     * @param written records that are new or replaced others
     * @param kept records that the catalog had already and that stayed
     * @param removed records of segments of which no backend has anything
     */
    public record Outcome(int written, int kept, int removed) {}

    /**
     * Brings the records into a catalog, which counts as {@linkplain IncompleteRebuild incomplete} until everything that was found is there, and afterwards when that was not
     * {@linkplain #isComplete everything}.
     *
     * @param catalog the sealed catalog
     * @param lease of the writer, above {@link #highestEpoch}
     */
    public Outcome write(Catalog catalog, WriterLease lease) throws StorException {
        SegmentCatalog segments = SegmentCatalog.load(catalog, lease);
        new IncompleteRebuild(missing(), firstPiece(catalog, segments)).write(catalog, lease);
        Outcome outcome = write(segments);
        if (isComplete()) {
            IncompleteRebuild.forget(catalog, lease);
        }
        return outcome;
    }

    private String missing() {
        if (isComplete()) {
            return "it did not end";
        }
        List<String> missing = new ArrayList<>();
        notAsked().forEach(failure -> missing.add("backend " + failure.backend() + " was not asked"));
        if (!unreadable.isEmpty()) {
            missing.add("fewer shards than are needed were found of " + unreadable.size() + " segments");
        }
        if (unknownAttempts() > 0) {
            missing.add("no value of " + unknownAttempts() + " attempts could be proved");
        }
        return String.join(", ", missing);
    }

    /** A number that no piece of a single file has, also none that was not seen: they were given one after another. */
    private int firstPiece(Catalog catalog, SegmentCatalog segments) throws StorException {
        int highest = Stream.of(records.keySet(), unreadable, segments.ids())
                .flatMap(Collection::stream)
                .filter(id -> id.namespace() == SegmentNamespace.OBJECT)
                .mapToInt(SegmentId::number)
                .max()
                .orElse(-1);
        int before = IncompleteRebuild.read(catalog)
                .map(IncompleteRebuild::firstPiece)
                .orElse(0);
        return Math.max(before, highest + UNSEEN_PIECES);
    }

    private Outcome write(SegmentCatalog segments) throws StorException {
        int written = 0;
        int kept = 0;
        int removed = 0;
        for (SegmentRecord before : segments.all()) {
            boolean nowhere = !records.containsKey(before.id()) && !unreadable.contains(before.id());
            if (nowhere && notAsked().isEmpty() && unknownAttempts() == 0) {
                segments.remove(before.id());
                removed++;
            } else if (!records.containsKey(before.id())) {
                kept++;
            }
        }
        for (SegmentRecord found : records.values()) {
            Optional<SegmentRecord> before = segments.find(found.id());
            if (before.isPresent() && stays(before.get(), found)) {
                kept++;
            } else {
                segments.put(found);
                written++;
            }
        }
        return new Outcome(written, kept, removed);
    }

    private static boolean stays(SegmentRecord before, SegmentRecord found) {
        return before.state() == StoredState.DELETING
                || (before.state().readable() && before.attempt().equals(found.attempt()));
    }

    /** @param attempts of one segment, the best last */
    private SegmentRecord record(List<AttemptFound> attempts) {
        AttemptFound best = attempts.getLast();
        int n = best.attempt().policy().expectedShards();
        List<ObsoleteShard> obsolete = new ArrayList<>();
        List<ShardPlace> places = new ArrayList<>(n);
        Set<BackendId> used = new HashSet<>();
        for (int shard = 0; shard < n; shard++) {
            best.best(shard).ifPresent(holding -> used.add(holding.backend()));
        }
        Deque<BackendId> silent = new ArrayDeque<>(notAsked().stream()
                .map(BackendFailure::backend)
                .filter(id -> !used.contains(id))
                .toList());
        int whole = 0;
        for (int shard = 0; shard < n; shard++) {
            Optional<Holding> holding = best.best(shard);
            if (holding.isEmpty()) {
                places.add(new ShardPlace(silent.isEmpty() ? NOWHERE : silent.pop(), ShardState.MISSING));
            } else {
                boolean present = best.isWhole(holding.get());
                whole += present ? 1 : 0;
                places.add(new ShardPlace(
                        holding.get().backend(),
                        present ? ShardState.PRESENT : ShardState.MISSING,
                        holding.get().keys()));
            }
        }
        for (AttemptFound attempt : attempts) {
            for (Holding holding : attempt.holdings()) {
                if (!attempt.equals(best)
                        || best.best(holding.shard()).filter(holding::equals).isEmpty()) {
                    obsolete.add(garbage(attempt, holding));
                }
            }
        }
        return new SegmentRecord(
                best.attempt().segment(),
                whole == n ? StoredState.STORED : StoredState.DEGRADED,
                best.attempt().id(),
                best.attempt().keyVersion(),
                best.attempt().policy(),
                best.attempt().layout(),
                Optional.empty(),
                best.lastWrite(),
                places,
                obsolete);
    }

    private static ObsoleteShard garbage(AttemptFound attempt, Holding holding) {
        return new ObsoleteShard(
                attempt.attempt().id(),
                holding.shard(),
                attempt.attempt().layout().stripes(),
                holding.backend(),
                holding.keys());
    }
}
