package org.qsfs.stor.upload;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.placement.BackendChoice;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;

/**
 * Which backend gets which shard during an upload. A shard whose backend fails goes to another one with which the policy is still kept; when there is none, it is
 * given up, and the segment will be published without it if enough others are written.
 *
 * <p>Thread-safe.
 */
public final class Layout {
    private final BackendChoice choice;
    private final Intents intents;
    private final int writeQuorum;
    private final List<ShardSlot> slots;
    private final Set<BackendId> failed = new LinkedHashSet<>();
    private final List<BackendFailure> failures = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** Records where shards are about to be written, before they are. */
    public interface Intents {
        /** A shard is about to be written to another place. */
        void moved(int shard, ShardPlace next) throws IOException;
    }

    /**
     * @param chosen backend of each shard; those that cannot be written to now get nothing in this upload
     * @param choice finds others
     */
    public Layout(List<Backend> chosen, BackendChoice choice, int stripes, Intents intents) {
        this.choice = choice;
        this.intents = intents;
        this.writeQuorum = choice.writeQuorum(chosen);
        List<ShardSlot> made = new ArrayList<>();
        for (int shard = 0; shard < chosen.size(); shard++) {
            Backend backend = chosen.get(shard);
            boolean dead = !backend.identified() || !backend.state().writable();
            if (dead) {
                failures.add(new BackendFailure(backend.id(), backend.detail()));
            }
            made.add(new ShardSlot(shard, stripes, ShardTarget.fresh(backend), dead));
        }
        this.slots = List.copyOf(made);
    }

    /** The place of every shard at the moment. */
    public List<ShardPlace> places() {
        return slots.stream().map(ShardSlot::place).toList();
    }

    /** A record of the upload with the keys of everything that was acknowledged until now, at places that were left, too. */
    public SegmentRecord withKeys(SegmentRecord record) {
        SegmentRecord next = record;
        for (ShardSlot slot : slots) {
            for (ShardTarget target : slot.targets()) {
                next = next.withKeys(slot.shard(), target.backend().id(), target.keys());
            }
        }
        return next;
    }

    /** What went wrong so far. */
    public List<BackendFailure> failures() {
        lock.lock();
        try {
            return List.copyOf(failures);
        } finally {
            lock.unlock();
        }
    }

    /** Whether enough shards can still be written. */
    public boolean mayReachQuorum() {
        return slots.stream().filter(slot -> !slot.dead()).count() >= writeQuorum;
    }

    /** Shards that must be written for the attempt to be of use. */
    public int writeQuorum() {
        return writeQuorum;
    }

    List<ShardSlot> slots() {
        return slots;
    }

    /** Where a stripe can be read: shards whose value of it was acknowledged are present, the others are not. */
    List<ShardPlace> sources(int stripe) {
        return slots.stream()
                .map(slot -> slot.place().with(slot.has(stripe) ? ShardState.PRESENT : ShardState.MISSING))
                .toList();
    }

    /**
     * A write failed: finds another backend for the shard, records the intent, and moves it there. Does nothing when that has happened already.
     *
     * @return whether this call moved it
     */
    boolean move(ShardSlot slot, ShardSlot.Target target, String reason) throws IOException {
        lock.lock();
        try {
            if (slot.dead() || !slot.isAt(target.generation())) {
                return false;
            }
            BackendId from = target.shard().backend().id();
            failures.add(new BackendFailure(from, reason));
            failed.add(from);
            List<Backend> others = slots.stream()
                    .filter(other -> other != slot)
                    .map(ShardSlot::backend)
                    .toList();
            Optional<Backend> next = choice.replacement(others, failed);
            if (next.isEmpty()) {
                slot.die();
                return false;
            }
            ShardTarget to = ShardTarget.fresh(next.get());
            intents.moved(slot.shard(), new ShardPlace(next.get().id(), ShardState.ADDING, to.keys()));
            slot.moveTo(to);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A shard cannot be completed in this upload. */
    void giveUp(int shard, String reason) {
        lock.lock();
        try {
            ShardSlot slot = slots.get(shard);
            failures.add(new BackendFailure(slot.backend().id(), reason));
            slot.die();
        } finally {
            lock.unlock();
        }
    }
}
