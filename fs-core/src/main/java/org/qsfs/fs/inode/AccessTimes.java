package org.qsfs.fs.inode;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.InodeRow;

/**
 * Access times that are newer than the inode rows. They are written with the next change of the inode, or by the timer; a crash
 * may lose them. Safe for many threads.
 */
public final class AccessTimes {
    /** When reading sets the access time. */
    public enum Policy {
        /** Never. */
        NOATIME,
        /** When it is not newer than the other times, or a day old; what Linux does by default. */
        RELATIME,
        /** Always. */
        STRICTATIME
    }

    private static final long DAY_SECONDS = 24 * 3600;
    private static final int MOST = 16_384;

    private final Policy policy;
    private final ConcurrentHashMap<Long, Timestamp> pending = new ConcurrentHashMap<>();

    public AccessTimes(Policy policy) {
        this.policy = policy;
    }

    /** Notes that the content of an inode was read. */
    public void accessed(InodeRow row, Timestamp now) {
        if (policy == Policy.NOATIME || row.has(InodeFlags.NO_ACCESS_TIME)) {
            return;
        }
        Timestamp last = pending.getOrDefault(row.inode(), row.times().accessed());
        boolean due = policy == Policy.STRICTATIME
                || last.compareTo(row.times().modified()) <= 0
                || last.compareTo(row.times().changed()) <= 0
                || now.seconds() - last.seconds() >= DAY_SECONDS;
        // beyond the bound an access time is rather old than memory full; the timer makes room
        if (due && (pending.size() < MOST || pending.containsKey(row.inode()))) {
            pending.put(row.inode(), now);
        }
    }

    /** The row with the access time that it will get. */
    public InodeRow applyTo(InodeRow row) {
        Timestamp time = pending.isEmpty() ? null : pending.get(row.inode());
        return time == null ? row : row.withTimes(row.times().withAccessed(time));
    }

    /** Called when a row with this access time was written. */
    void written(long inode, Timestamp time) {
        pending.remove(inode, time);
    }

    /** Called when something else than reading sets the access time, or the inode is gone. */
    public void forget(long inode) {
        pending.remove(inode);
    }

    /** Some inodes whose rows are behind. */
    List<Long> inodes(int limit) {
        List<Long> some = new ArrayList<>();
        for (Long inode : pending.keySet()) {
            if (some.size() == limit) {
                break;
            }
            some.add(inode);
        }
        return some;
    }
}
