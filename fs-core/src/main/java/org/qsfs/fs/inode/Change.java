package org.qsfs.fs.inode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.ListingRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.journal.Transaction;
import org.qsfs.zdb.log.Location;

/**
 * A transaction while it is made. It reads the volume as it is plus its own changes, and becomes visible as a whole when the work that
 * makes it returns, or not at all. Used under the namespace lock by one thread.
 */
public final class Change {
    private final Metadata metadata;
    private final Timestamp now;
    private final Map<Long, InodeRow> inodes = new LinkedHashMap<>();
    private final Map<Metadata.EntryKey, EntryRow> entries = new LinkedHashMap<>();
    private final Transaction transaction = new Transaction();
    private final List<Runnable> afterwards = new ArrayList<>();
    private long inodeDelta;
    private boolean empty = true;
    private boolean durable;

    Change(Metadata metadata, Timestamp now) {
        this.metadata = metadata;
        this.now = now;
    }

    /** The time of the change, the same for everything in it. */
    public Timestamp now() {
        return now;
    }

    /** @throws FsException ESTALE when there is no such inode */
    public InodeRow inode(long inode) throws FsException {
        InodeRow changed = inodes.get(inode);
        return changed != null ? changed : metadata.accessTimes().applyTo(metadata.inode(inode));
    }

    /** An inode that must be a directory with a name, else ENOTDIR or ENOENT. */
    public InodeRow directory(long inode) throws FsException {
        InodeRow row = inode(inode);
        if (!row.isDirectory()) {
            throw new FsException(Errno.ENOTDIR);
        }
        if (row.links() == 0) {
            throw new FsException(Errno.ENOENT, "directory " + inode + " was removed");
        }
        return row;
    }

    public void put(InodeRow row) {
        inodes.put(row.inode(), row);
    }

    /** A number that no inode ever had. */
    public long newInode() throws FsException {
        metadata.checkInodeQuota(inodeDelta + 1);
        inodeDelta++;
        transaction.addInodes(1);
        long inode = metadata.takeInode();
        transaction.usesInode(inode);
        return inode;
    }

    /** Removes the rows of an inode without extents and extended attributes. */
    public void dropInode(long inode) {
        inodes.remove(inode);
        delete(Rows.inodeKey(inode));
        delete(Rows.orphanKey(inode));
        inodeDelta--;
        transaction.addInodes(-1);
        afterwards.add(() -> metadata.dropped(inode));
    }

    /** What a name stands for, null when there is no such name. */
    public @Nullable EntryRow entry(long directory, FileName name) throws FsException {
        Metadata.EntryKey key = new Metadata.EntryKey(directory, name);
        EntryRow changed = entries.get(key);
        if (changed != null) {
            return changed.inode() == 0 ? null : changed;
        }
        return metadata.entry(directory, name);
    }

    /** Adds a name to a directory, or makes an existing one stand for another inode; a name keeps its cookie. */
    public void putEntry(long directory, FileName name, InodeRow child) throws FsException {
        namesChange(directory);
        EntryRow old = entry(directory, name);
        long cookie;
        if (old == null) {
            InodeRow parent = inode(directory);
            cookie = parent.nextCookie();
            put(parent.withNextCookie(cookie + 1));
        } else {
            cookie = old.cookie();
        }
        EntryRow entry = new EntryRow(child.inode(), child.type(), cookie);
        entries.put(new Metadata.EntryKey(directory, name), entry);
        put(Rows.entryKey(directory, name), entry.encode());
        put(Rows.listingKey(directory, cookie), new ListingRow(child.inode(), child.type(), name).encode());
    }

    /** Removes a name that exists. */
    public void removeEntry(long directory, FileName name, EntryRow entry) throws FsException {
        namesChange(directory);
        entries.put(new Metadata.EntryKey(directory, name), Metadata.NO_ENTRY);
        delete(Rows.entryKey(directory, name));
        delete(Rows.listingKey(directory, entry.cookie()));
    }

    private void namesChange(long directory) throws FsException {
        durable |= inode(directory).has(InodeFlags.SYNC | InodeFlags.DIRECTORY_SYNC);
    }

    /** Takes one name away from an inode; the last one makes it an orphan, which is dropped when nobody refers to it. */
    public void unlinked(InodeRow row) {
        int links = row.isDirectory() ? 0 : row.links() - 1;
        put(row.withLinks(links).changedAt(now));
        if (links == 0) {
            put(Rows.orphanKey(row.inode()), Rows.orphanValue());
            afterwards.add(() -> metadata.orphaned(row.inode()));
        }
    }

    /** Adds an inode that has no name yet; it is dropped like any orphan when nobody refers to it. */
    public void putNameless(InodeRow row, boolean linkable) {
        put(row.withLinks(0));
        put(Rows.orphanKey(row.inode()), Rows.orphanValue());
        afterwards.add(() -> metadata.madeNameless(row.inode(), linkable));
    }

    /** Gives an inode one more name; an orphan's first one makes it none. */
    public InodeRow linked(InodeRow row) {
        InodeRow linked = row.withLinks(row.links() + 1).changedAt(now);
        put(linked);
        if (row.links() == 0) {
            delete(Rows.orphanKey(row.inode()));
            afterwards.add(() -> metadata.orphans().named(row.inode()));
        }
        return linked;
    }

    public void put(byte[] key, byte[] value) {
        transaction.put(key, value);
        empty = false;
    }

    public void delete(byte[] key) {
        transaction.delete(key);
        empty = false;
    }

    /**
     * The change makes a data record part of a file.
     *
     * @param crc {@code ZdbCrc} of its value
     * @param sequence of its key
     */
    public void introduces(Location record, int crc, long sequence) {
        transaction.introduces(record, crc).usesDataSequence(sequence);
        empty = false;
    }

    /** Bytes that extents and preallocations cover more (or less) than before. */
    public void countBytes(long delta) {
        transaction.addBytes(delta);
    }

    /** Runs when the change is visible, still under the namespace lock; must be short and must not fail. */
    public void afterwards(Runnable action) {
        afterwards.add(action);
    }

    /** Whether it changes names of a directory that wants them on disk at once. */
    boolean isDurable() {
        return durable;
    }

    boolean isEmpty() {
        return empty && inodes.isEmpty();
    }

    /** What is committed. Called once. */
    Transaction transaction() {
        for (InodeRow row : inodes.values()) {
            put(Rows.inodeKey(row.inode()), row.encode());
        }
        return transaction;
    }

    Map<Long, InodeRow> inodes() {
        return inodes;
    }

    Map<Metadata.EntryKey, EntryRow> entries() {
        return entries;
    }

    void runAfterwards() {
        afterwards.forEach(Runnable::run);
    }
}
