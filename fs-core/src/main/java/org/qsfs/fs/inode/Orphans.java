package org.qsfs.fs.inode;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which inodes are referred to, and which have no name any more. An orphan that nobody refers to is handed to whoever drops its
 * rows. Safe for many threads.
 */
public final class Orphans {
    /** No inode has this number; wakes who waits. */
    private static final long NOBODY = 0;

    private final References references = new References();
    private final Set<Long> orphans = ConcurrentHashMap.newKeySet();
    /** Orphans that never had a name. */
    private final Set<Long> linkable = ConcurrentHashMap.newKeySet();

    private final BlockingQueue<Long> unreferenced = new LinkedBlockingQueue<>();

    /** Adds a reference: a lookup or an open handle. */
    public void reference(long inode) {
        references.add(inode);
    }

    /** Takes references back. */
    public void dereference(long inode, long count) {
        if (references.remove(inode, count) && orphans.contains(inode)) {
            unreferenced.add(inode);
        }
    }

    public boolean isReferenced(long inode) {
        return references.isReferenced(inode);
    }

    /** The inode has lost its last name. */
    public void orphaned(long inode) {
        orphans.add(inode);
        if (!references.isReferenced(inode)) {
            unreferenced.add(inode);
        }
    }

    /** The inode was made without a name and may get one. */
    void linkable(long inode) {
        linkable.add(inode);
    }

    /** Whether an inode without a name may get one: it never had any. */
    public boolean isLinkable(long inode) {
        return linkable.contains(inode);
    }

    /** The inode has got its first name. */
    void named(long inode) {
        orphans.remove(inode);
        linkable.remove(inode);
    }

    /** Waits for orphans to drop and takes up to {@code limit}; one that is referred to again by then is left alone and comes back later. */
    public List<Long> take(int limit, long timeoutMillis) throws InterruptedException {
        @Nullable Long first = unreferenced.poll(timeoutMillis, TimeUnit.MILLISECONDS);
        List<Long> taken = new ArrayList<>();
        if (first != null) {
            taken.add(first);
            unreferenced.drainTo(taken, limit - 1);
        }
        taken.removeIf(inode -> inode == NOBODY || !orphans.contains(inode) || references.isReferenced(inode));
        return taken.stream().distinct().toList();
    }

    /** Lets {@link #take} return. */
    public void wake() {
        unreferenced.add(NOBODY);
    }

    void dropped(long inode) {
        orphans.remove(inode);
        linkable.remove(inode);
    }

    /** Inodes without a name that still have rows. */
    public int count() {
        return orphans.size();
    }

    /** Inodes that are referred to. */
    public long referenced() {
        return references.size();
    }
}
