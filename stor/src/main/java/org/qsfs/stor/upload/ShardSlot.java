package org.qsfs.stor.upload;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;

/**
 * One shard of the segment being uploaded: which backend gets it and which of its values were acknowledged there. When the backend fails, the shard moves to another
 * one and begins anew; the generation tells acknowledgements of the old one apart.
 *
 * <p>Thread-safe.
 */
final class ShardSlot {
    private final int shard;
    private final int stripes;
    private final List<ShardTarget> left = new ArrayList<>();
    private ShardTarget target;
    private int generation;
    private boolean dead;
    private final BitSet acknowledged = new BitSet();

    /** Where a value is to go. */
    record Target(ShardTarget shard, int generation) {}

    /** @param dead whether the backend cannot take anything now */
    ShardSlot(int shard, int stripes, ShardTarget target, boolean dead) {
        this.shard = shard;
        this.stripes = stripes;
        this.target = target;
        this.dead = dead;
    }

    int shard() {
        return shard;
    }

    synchronized Backend backend() {
        return target.backend();
    }

    synchronized boolean dead() {
        return dead;
    }

    synchronized Target target() {
        return new Target(target, generation);
    }

    synchronized void acknowledge(int stripe, int atGeneration) {
        if (atGeneration == generation) {
            acknowledged.set(stripe);
        }
    }

    /** No backend can take the shard in this upload. */
    synchronized void die() {
        dead = true;
    }

    synchronized void moveTo(ShardTarget next) {
        left.add(target);
        target = next;
        generation++;
        acknowledged.clear();
    }

    /** Where values of it went, the present target last. */
    synchronized List<ShardTarget> targets() {
        List<ShardTarget> all = new ArrayList<>(left);
        all.add(target);
        return all;
    }

    synchronized boolean isAt(int wantedGeneration) {
        return generation == wantedGeneration;
    }

    synchronized boolean complete() {
        return !dead && acknowledged.cardinality() == stripes;
    }

    synchronized boolean has(int stripe) {
        return acknowledged.get(stripe);
    }

    /** The place for the record. */
    synchronized ShardPlace place() {
        ShardState state = dead ? ShardState.MISSING : complete() ? ShardState.PRESENT : ShardState.ADDING;
        return new ShardPlace(target.backend().id(), state, target.keys());
    }
}
