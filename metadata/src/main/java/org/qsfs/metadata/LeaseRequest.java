package org.qsfs.metadata;

import java.util.OptionalLong;

/**
 * Asks to become the writer.
 *
 * @param holder names one local state on one machine, for instance {@code host:volume:random id}; at most 200 printable
 *     characters. The caller holds the lock of that local state: a holder of this name that is found in the catalog is
 *     therefore an earlier run of ours which has died, and is replaced without waiting
 * @param localEpoch the epoch that the local state was written in; empty when there is no local state (new machine, restore)
 * @param takeOver whether to replace a writer that still holds the lease. It loses it at once, but learns so only with its next
 *     commit
 * @param seen the highest epoch that is known from elsewhere, for a catalog that was lost and is being rebuilt: the catalog counts as being at least there. Otherwise 0
 */
public record LeaseRequest(String holder, OptionalLong localEpoch, boolean takeOver, long seen) {

    public LeaseRequest {
        if (holder.isBlank() || holder.length() > 200 || holder.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("holder \"" + holder + "\" is not 1 to 200 printable ASCII characters");
        }
        if (seen < 0) {
            throw new IllegalArgumentException("the highest epoch seen is " + seen + ", less than 0");
        }
        if (localEpoch.isPresent() && localEpoch.getAsLong() < 1) {
            throw new IllegalArgumentException("local epoch " + localEpoch.getAsLong() + " is less than 1");
        }
    }

    public LeaseRequest(String holder, OptionalLong localEpoch, boolean takeOver) {
        this(holder, localEpoch, takeOver, 0);
    }

    /** For a machine without local state. */
    public static LeaseRequest fresh(String holder) {
        return new LeaseRequest(holder, OptionalLong.empty(), false);
    }

    /** For a machine whose local state stems from {@code epoch}. */
    public static LeaseRequest resume(String holder, long epoch) {
        return new LeaseRequest(holder, OptionalLong.of(epoch), false);
    }

    public LeaseRequest takingOver() {
        return new LeaseRequest(holder, localEpoch, true, seen);
    }

    /** The same, on a catalog that may know less than others do. */
    public LeaseRequest havingSeen(long epoch) {
        return new LeaseRequest(holder, localEpoch, takeOver, epoch);
    }
}
