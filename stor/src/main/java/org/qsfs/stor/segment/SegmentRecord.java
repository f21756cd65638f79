package org.qsfs.stor.segment;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.encryption.AttemptId;

/**
 * What the catalog says of one segment: which attempt stored it, how, and where its shards are. {@link SegmentRecordFormat} is its form in the catalog.
 *
 * @param id the segment
 * @param state its stored state, never {@link StoredState#NO}
 * @param attempt the attempt whose shards are the segment
 * @param keyVersion version of the volume's master key that the attempt's keys come from
 * @param policy k, n and the losses to survive, as they were when it was stored
 * @param layout length of the segment and of its stripes
 * @param sha256 digest of the segment's bytes; empty when the record was rebuilt from shards
 * @param lastWrite when the last value of a shard was written
 * @param shards place of each of the n shards, by index
 * @param obsolete shards of this and earlier attempts that are to be deleted
 */
public record SegmentRecord(
        SegmentId id,
        StoredState state,
        AttemptId attempt,
        int keyVersion,
        RedundancyPolicy policy,
        StripeLayout layout,
        Optional<Sha256> sha256,
        Instant lastWrite,
        List<ShardPlace> shards,
        List<ObsoleteShard> obsolete) {

    public SegmentRecord {
        // as its format keeps it
        lastWrite = lastWrite.truncatedTo(ChronoUnit.MILLIS);
        shards = List.copyOf(shards);
        obsolete = List.copyOf(obsolete);
        if (state == StoredState.NO) {
            throw new IllegalArgumentException("segment " + id + " is not stored, so it has no record");
        }
        if (shards.size() != policy.expectedShards()) {
            throw new IllegalArgumentException("the record of segment " + id + " names " + shards.size()
                    + " shards, expected " + policy.expectedShards());
        }
        if (keyVersion < 0 || lastWrite.getEpochSecond() < 0) {
            throw new IllegalArgumentException("the record of segment " + id + " has key version " + keyVersion
                    + " and last write " + lastWrite + ", neither may be negative");
        }
    }

    /** How many shards are in that state. */
    public int count(ShardState wanted) {
        return (int) shards.stream().filter(place -> place.state() == wanted).count();
    }

    /**
     * The same record in another state.
     *
     * @throws IllegalStateException when the state may not follow this one
     */
    public SegmentRecord with(StoredState next) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("segment " + id + " is " + state + " and cannot become " + next);
        }
        return new SegmentRecord(id, next, attempt, keyVersion, policy, layout, sha256, lastWrite, shards, obsolete);
    }

    /** The same record with other places of shards, last written then, and other garbage. */
    public SegmentRecord with(List<ShardPlace> places, Instant written, List<ObsoleteShard> garbage) {
        return new SegmentRecord(id, state, attempt, keyVersion, policy, layout, sha256, written, places, garbage);
    }

    /** The same record with other places of its shards; no longer STORED when one of them is not present. */
    public SegmentRecord withPlaces(List<ShardPlace> places) {
        SegmentRecord next = with(places, lastWrite, obsolete);
        boolean whole = places.stream().allMatch(place -> place.state() == ShardState.PRESENT);
        return !whole && state == StoredState.STORED ? next.with(StoredState.DEGRADED) : next;
    }

    /**
     * Under which keys a backend may have a shard of the attempt already, as its place or as garbage; {@link ShardKeys#NAMED} when nothing is known of it there. Whoever writes the shard to that
     * backend (again) goes on with these, so that a backend has each shard in one way only.
     */
    public ShardKeys keysOn(BackendId backend, int shard) {
        ShardPlace place = shards.get(shard);
        if (place.backend().equals(backend)) {
            return place.keys();
        }
        return obsolete.stream()
                .filter(garbage -> isCopy(garbage, shard, backend))
                .map(ObsoleteShard::keys)
                .findFirst()
                .orElse(ShardKeys.NAMED);
    }

    /**
     * The same record with a copy of a shard about to be made on another backend. Until it is complete the shard stays where it is, and the copy counts as garbage;
     * {@link #moved} to there then swaps the two.
     */
    public SegmentRecord withCopyTo(int shard, BackendId target, ShardKeys keys) {
        List<ObsoleteShard> garbage = new ArrayList<>(obsolete);
        garbage.removeIf(old -> isCopy(old, shard, target));
        garbage.add(new ObsoleteShard(attempt, shard, layout.stripes(), target, keys));
        return with(shards, lastWrite, garbage);
    }

    /**
     * The same record with a shard about to be written to another place. Where it was before becomes garbage; where it will be is none any more.
     */
    public SegmentRecord moved(int shard, ShardPlace next) {
        ShardPlace before = shards.get(shard);
        List<ObsoleteShard> garbage = new ArrayList<>(obsolete);
        if (!before.backend().equals(next.backend())) {
            garbage.add(new ObsoleteShard(attempt, shard, layout.stripes(), before.backend(), before.keys()));
        }
        garbage.removeIf(old -> isCopy(old, shard, next.backend()));
        List<ShardPlace> places = new ArrayList<>(shards);
        places.set(shard, next);
        return with(places, lastWrite, garbage);
    }

    /** The same record with other keys of a shard and of the copy of it on that backend, if it names one. */
    public SegmentRecord withKeys(int shard, BackendId backend, ShardKeys keys) {
        List<ShardPlace> places = new ArrayList<>(shards);
        places.set(
                shard,
                places.get(shard).backend().equals(backend)
                        ? new ShardPlace(backend, places.get(shard).state(), keys)
                        : places.get(shard));
        List<ObsoleteShard> garbage = new ArrayList<>(obsolete);
        garbage.replaceAll(old ->
                isCopy(old, shard, backend) ? new ObsoleteShard(attempt, shard, old.stripes(), backend, keys) : old);
        return with(places, lastWrite, garbage);
    }

    private boolean isCopy(ObsoleteShard garbage, int shard, BackendId backend) {
        return garbage.attempt().equals(attempt)
                && garbage.shard() == shard
                && garbage.backend().equals(backend);
    }

    /** Everything that backends may hold of this segment, as garbage: the shards of the attempt and what is obsolete already. */
    public List<ObsoleteShard> everythingAsGarbage() {
        List<ObsoleteShard> garbage = new ArrayList<>(obsolete);
        for (int shard = 0; shard < shards.size(); shard++) {
            ShardPlace place = shards.get(shard);
            // an upload writes nothing to a place that was not an intent
            if (state != StoredState.UPLOADING || place.state() != ShardState.MISSING) {
                garbage.add(new ObsoleteShard(attempt, shard, layout.stripes(), place.backend(), place.keys()));
            }
        }
        return garbage;
    }
}
