package org.qsfs.stor.flow;

import java.util.HashSet;
import java.util.Set;
import org.qsfs.stor.segment.SegmentId;

/** Lets one operation at a time change a segment. Thread-safe. */
public final class SegmentLocks {
    private final Set<SegmentId> locked = new HashSet<>();

    /** Waits until the segment is free and takes it. */
    public synchronized void lock(SegmentId id) throws InterruptedException {
        while (!locked.add(id)) {
            wait();
        }
    }

    /** Takes the segment if it is free. */
    public synchronized boolean tryLock(SegmentId id) {
        return locked.add(id);
    }

    /** Gives the segment back. */
    public synchronized void unlock(SegmentId id) {
        locked.remove(id);
        notifyAll();
    }
}
