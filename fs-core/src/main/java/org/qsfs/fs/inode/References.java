package org.qsfs.fs.inode;

import java.util.concurrent.locks.ReentrantLock;

/**
 * How often each inode is referred to from outside: one per lookup that was not forgotten, one per open handle. An inode without a
 * name stays as long as there is a reference.
 *
 * <p>12 bytes per slot, at most twice as many slots as inodes; the kernel bounds the number by forgetting. Safe for many threads.
 */
public final class References {
    private static final int STRIPES = 64;

    private final Stripe[] stripes = new Stripe[STRIPES];

    public References() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    public void add(long inode) {
        stripe(inode).add(inode, 1);
    }

    /** @return whether this was the last reference */
    public boolean remove(long inode, long count) {
        return stripe(inode).remove(inode, count);
    }

    public boolean isReferenced(long inode) {
        return stripe(inode).count(inode) > 0;
    }

    /** Inodes with at least one reference. */
    public long size() {
        long size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    private Stripe stripe(long inode) {
        return stripes[(int) (inode & (STRIPES - 1))];
    }

    /** Open addressing with linear probing; 0 marks a free slot, since no inode has this number. */
    private static final class Stripe {
        private static final int SMALLEST = 16;

        private final ReentrantLock lock = new ReentrantLock();
        private long[] inodes = new long[SMALLEST];
        private int[] counts = new int[SMALLEST];
        private int size;

        void add(long inode, int count) {
            lock.lock();
            try {
                int slot = slot(inode);
                if (inodes[slot] == 0) {
                    if (size * 2 >= inodes.length) {
                        resize(inodes.length * 2);
                        slot = slot(inode);
                    }
                    inodes[slot] = inode;
                    size++;
                }
                counts[slot] = Math.addExact(counts[slot], count);
            } finally {
                lock.unlock();
            }
        }

        boolean remove(long inode, long count) {
            lock.lock();
            try {
                int slot = slot(inode);
                if (inodes[slot] == 0) {
                    return false;
                }
                if (counts[slot] > count) {
                    counts[slot] -= (int) count;
                    return false;
                }
                free(slot);
                if (inodes.length > SMALLEST && size * 8 < inodes.length) {
                    resize(inodes.length / 2);
                }
                return true;
            } finally {
                lock.unlock();
            }
        }

        int count(long inode) {
            lock.lock();
            try {
                int slot = slot(inode);
                return inodes[slot] == 0 ? 0 : counts[slot];
            } finally {
                lock.unlock();
            }
        }

        int size() {
            lock.lock();
            try {
                return size;
            } finally {
                lock.unlock();
            }
        }

        private int slot(long inode) {
            int slot = home(inode);
            while (inodes[slot] != 0 && inodes[slot] != inode) {
                slot = (slot + 1) & (inodes.length - 1);
            }
            return slot;
        }

        private int home(long inode) {
            return (int) ((inode / STRIPES * 0x9E3779B97F4A7C15L) >>> 32) & (inodes.length - 1);
        }

        /** Empties a slot and moves later entries of its run up, so that probing still finds them. */
        private void free(int slot) {
            int mask = inodes.length - 1;
            int hole = slot;
            for (int next = (hole + 1) & mask; inodes[next] != 0; next = (next + 1) & mask) {
                int distance = (next - home(inodes[next])) & mask;
                if (distance >= ((next - hole) & mask)) {
                    inodes[hole] = inodes[next];
                    counts[hole] = counts[next];
                    hole = next;
                }
            }
            inodes[hole] = 0;
            counts[hole] = 0;
            size--;
        }

        private void resize(int slots) {
            long[] oldInodes = inodes;
            int[] oldCounts = counts;
            inodes = new long[slots];
            counts = new int[slots];
            for (int i = 0; i < oldInodes.length; i++) {
                if (oldInodes[i] != 0) {
                    int slot = slot(oldInodes[i]);
                    inodes[slot] = oldInodes[i];
                    counts[slot] = oldCounts[i];
                }
            }
        }
    }
}
