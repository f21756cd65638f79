package org.qsfs.stor.upload;

import java.util.BitSet;
import org.qsfs.stor.backend.Backend;
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
    private Backend backend;
    private int generation;
    private boolean dead;
    private final BitSet acknowledged = new BitSet();

    /** Where a value is to go. */
    record Target(Backend backend, int generation) {}

    /** @param dead whether the backend cannot take anything now */
    ShardSlot(int shard, int stripes, Backend backend, boolean dead) {
        this.shard = shard;
        this.stripes = stripes;
        this.backend = backend;
        this.dead = dead;
    }

    int shard() {
        return shard;
    }

    synchronized Backend backend() {
        return backend;
    }

    synchronized boolean dead() {
        return dead;
    }

    synchronized Target target() {
        return new Target(backend, generation);
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

    synchronized void moveTo(Backend next) {
        backend = next;
        generation++;
        acknowledged.clear();
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
        return new ShardPlace(backend.id(), state);
    }
}
