package org.qsfs.stor.backend;

/** How a backend behaves, as seen from here. */
public enum BackendState {
    /** The last calls went well. */
    HEALTHY,
    /** A call failed or is overdue; used for reads only when there is nothing better, and not for new shards while others will do. */
    SUSPECT,
    /** Several calls in a row failed. Tried again by the monitor. */
    DOWN,
    /** It answers but takes no more data. Reads go on. */
    FULL;

    /** Whether new shards may be put there. */
    public boolean writable() {
        return this == HEALTHY || this == SUSPECT;
    }
}
