package org.qsfs.stor.backend;

/**
 * How much of a volume a backend is to get.
 *
 * @param weight how often it is chosen beside others with as much free space, 1 to {@value #MOST_WEIGHT}; {@value #USUAL_WEIGHT} is usual
 * @param capacity bytes of live values that it may hold at most, whatever it says itself; 0 for no limit
 * @param draining whether it gets no new shards and those that it has are moved to others
 */
public record BackendTerms(int weight, long capacity, boolean draining) {
    public static final int USUAL_WEIGHT = 100;
    public static final int MOST_WEIGHT = 10_000;

    /** The usual weight, no limit, not draining. */
    public static final BackendTerms USUAL = new BackendTerms(USUAL_WEIGHT, 0, false);

    public BackendTerms {
        if (weight < 1 || weight > MOST_WEIGHT || capacity < 0) {
            throw new IllegalArgumentException("weight " + weight + ", capacity " + capacity
                    + "; expected a weight from 1 to " + MOST_WEIGHT + " and a capacity of at least 0");
        }
    }

    public BackendTerms withDraining(boolean next) {
        return new BackendTerms(weight, capacity, next);
    }

    /** Bytes that it can take, given what it says and what is there. */
    long free(long told, long live) {
        return capacity == 0 ? told : Math.min(told, Math.max(0, capacity - live));
    }
}
