package org.qsfs.fuse.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the kernel's pages true beside direct writes. Before such a write the kernel drops the pages that it covers, but not after one that was submitted
 * asynchronously (io_submit; Linux 6.18): what somebody read through the cache in between, before the write came here, would stay. So the pages are dropped after
 * the write, when some of the inode were read through the cache while it was open for direct I/O. Safe for many threads.
 */
public final class DirectWrites {
    /** Differs between processors (asm/fcntl.h). */
    private static final int O_DIRECT = System.getProperty("os.arch", "").equals("aarch64") ? 0200000 : 040000;

    /** Dropping pages waits for reads of them, which need other workers; so only one in so many may wait here. */
    private static final int WORKERS_PER_WAITING = 4;

    private static final long PATIENCE_SECONDS = 1;

    /** Makes the kernel drop pages of an inode; returns when it has. */
    public interface PageInvalidation {
        void drop(long inode, long offset, long length);
    }

    private static final class DirectlyOpen {
        private int handles;
        private volatile boolean cached;
    }

    private final PageInvalidation invalidation;
    private final Map<Long, DirectlyOpen> inodes = new ConcurrentHashMap<>();
    private final Map<Long, Long> handles = new ConcurrentHashMap<>();
    private final Semaphore waiting;

    /** @param workers how many there may be */
    public DirectWrites(PageInvalidation invalidation, int workers) {
        this.invalidation = invalidation;
        this.waiting = new Semaphore(Math.max(1, workers / WORKERS_PER_WAITING));
    }

    public static boolean isDirect(int flags) {
        return (flags & O_DIRECT) != 0;
    }

    /** @param flags of open(2); handles without O_DIRECT are not remembered */
    public void opened(long handle, long inode, int flags) {
        if (isDirect(flags)) {
            handles.put(handle, inode);
            inodes.compute(inode, (_, known) -> {
                DirectlyOpen open = known == null ? new DirectlyOpen() : known;
                open.handles++;
                return open;
            });
        }
    }

    public void released(long handle) {
        Long inode = handles.remove(handle);
        if (inode != null) {
            inodes.computeIfPresent(inode, (_, open) -> --open.handles == 0 ? null : open);
        }
    }

    /** Something is about to be read. */
    public void reading(long handle, long inode) {
        DirectlyOpen open = inodes.isEmpty() ? null : inodes.get(inode);
        if (open != null && !handles.containsKey(handle)) {
            open.cached = true;
        }
    }

    /** Something was written and the kernel does not know yet. */
    public void written(long handle, long inode, long offset, long length) {
        DirectlyOpen open = inodes.isEmpty() ? null : inodes.get(inode);
        if (open == null || !open.cached || !handles.containsKey(handle)) {
            return;
        }
        try {
            if (waiting.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                try {
                    invalidation.drop(inode, offset, length);
                } finally {
                    waiting.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
