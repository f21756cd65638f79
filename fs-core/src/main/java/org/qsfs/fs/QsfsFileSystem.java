package org.qsfs.fs;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.qsfs.fs.attr.AttributeChanges;
import org.qsfs.fs.attr.ExtendedAttributes;
import org.qsfs.fs.attr.FlagChanges;
import org.qsfs.fs.attr.Permissions;
import org.qsfs.fs.check.CheckSummary;
import org.qsfs.fs.check.Finding;
import org.qsfs.fs.check.VolumeCheck;
import org.qsfs.fs.data.FileContents;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.handle.Handle;
import org.qsfs.fs.handle.Handle.OpenDirectory;
import org.qsfs.fs.handle.Handle.OpenFile;
import org.qsfs.fs.handle.Handles;
import org.qsfs.fs.handle.OpenFiles;
import org.qsfs.fs.inode.AccessTimes;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.fs.inode.Orphans;
import org.qsfs.fs.inode.TransactionLog;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.RecoveredVolume;
import org.qsfs.fs.rows.RowReader;
import org.qsfs.fs.tree.Creation;
import org.qsfs.fs.tree.Linking;
import org.qsfs.fs.tree.Listing;
import org.qsfs.fs.tree.NewInode;
import org.qsfs.fs.tree.Renaming;
import org.qsfs.zdb.log.SegmentLog;

/**
 * The filesystem on a journal, an index and a data log. It connects the parts; what they do stands there.
 *
 * <p>Whoever opens it owns the journal and the logs and closes them after it.
 */
public final class QsfsFileSystem implements FileSystem, AutoCloseable {
    private static final int ROOT_PERMISSIONS = 0755;
    private static final long UNLIMITED_INODES = 1L << 40;
    /** About what a new inode with its name adds to the journal. */
    private static final long CREATION_BYTES = 1024;

    private final SegmentLog data;
    private final DamagedBlockListener damage;
    private final Metadata metadata;
    private final Orphans orphans;
    private final FileContents contents;
    private final Handles handles = new Handles();
    private final OpenFiles openFiles;
    private final Creation creation;
    private final Linking linking;
    private final Renaming renaming;
    private final Listing listing;
    private final AttributeChanges attributeChanges;
    private final ExtendedAttributes extendedAttributes;
    private final FlagChanges flagChanges;
    private final Housekeeping housekeeping;

    private QsfsFileSystem(
            FileSystemConfig config,
            TransactionLog journal,
            RowReader rows,
            SegmentLog data,
            SpaceReservation space,
            DamagedBlockListener damage) {
        this.data = data;
        this.damage = damage;
        AccessTimes.Policy policy = config.readOnly() ? AccessTimes.Policy.NOATIME : config.accessTimes();
        this.metadata = new Metadata(
                rows,
                journal,
                config.clock(),
                new Metadata.Limits(config.quotaInodes(), config.cachedInodes(), config.readOnly()),
                new AccessTimes(policy));
        this.orphans = metadata.orphans();
        this.contents = new FileContents(
                metadata,
                data,
                new FileContents.Limits(config.dirtyBytes(), config.cachedExtents(), config.quotaBytes()),
                space,
                damage);
        this.openFiles = new OpenFiles(metadata, contents, handles);
        this.creation = new Creation(metadata);
        this.linking = new Linking(metadata);
        this.renaming = new Renaming(metadata, linking);
        this.listing = new Listing(metadata);
        this.attributeChanges = new AttributeChanges(metadata, contents);
        this.extendedAttributes = new ExtendedAttributes(metadata);
        this.flagChanges = new FlagChanges(metadata);
        this.housekeeping = new Housekeeping(metadata, contents, config.commitInterval());
    }

    /** Opens a volume that was recovered. */
    public static QsfsFileSystem open(
            FileSystemConfig config, RecoveredVolume volume, SpaceReservation space, DamagedBlockListener damage)
            throws FsException {
        Journal journal = volume.journal();
        return open(config, new JournalTransactions(journal), volume.rows(), journal.data(), space, damage);
    }

    /**
     * Opens a volume whose journal was recovered; an empty one gets its root directory. Read-write, it takes up the orphans of the last mount
     * and starts its threads.
     *
     * @param rows the index that {@code journal} feeds
     * @param data the log of data records
     * @param space asked before anything is written
     * @param damage told of damaged blocks
     */
    public static QsfsFileSystem open(
            FileSystemConfig config,
            TransactionLog journal,
            RowReader rows,
            SegmentLog data,
            SpaceReservation space,
            DamagedBlockListener damage)
            throws FsException {
        QsfsFileSystem opened = new QsfsFileSystem(config, journal, rows, data, space, damage);
        if (!config.readOnly()) {
            if (opened.metadata.isEmpty()) {
                opened.creation.makeRoot(0, 0, ROOT_PERMISSIONS);
                // a journal without a durable transaction beside data segments looks like a lost one
                opened.metadata.sync();
            }
            opened.contents.findOrphans();
            opened.housekeeping.start();
            if (config.writeBehind()) {
                opened.contents.startWriteBehind();
            }
        }
        return opened;
    }

    /** Returns when everything that was written before the call is on disk. */
    public void flushAll() throws FsException {
        if (!metadata.isReadOnly()) {
            contents.flushAll();
            metadata.writeAccessTimes();
            metadata.sync();
        }
    }

    /** Closes what is open and puts everything on disk. The journal and the logs stay open. */
    @Override
    public void close() throws FsException {
        housekeeping.close();
        contents.stopWriteBehind();
        for (Long handle = handles.any(); handle != null; handle = handles.any()) {
            release(handle);
        }
        if (!metadata.isFailed()) {
            flushAll();
        }
    }

    /**
     * Checks the volume and hands out what is wrong. Changes wait until the rows are checked; content is read while they go on.
     *
     * @param content whether all files are read and their checksums checked
     */
    public CheckSummary check(boolean content, Consumer<Finding> findings) throws FsException {
        if (!metadata.isFailed()) {
            flushAll();
        }
        CheckSummary summary =
                metadata.exclusively(() -> new VolumeCheck(metadata.rows(), metadata.counters()).run(findings));
        if (!content) {
            return summary;
        }
        AtomicLong damaged = new AtomicLong();
        long verified = VolumeCheck.content(metadata.rows(), data, damage, finding -> {
            damaged.incrementAndGet();
            findings.accept(finding);
        });
        return summary.withContent(verified, damaged.get());
    }

    /** What the filesystem is doing. */
    public FileSystemActivity activity() {
        return new FileSystemActivity(
                contents.dirtyBytes(), handles.count(), orphans.referenced(), orphans.count(), metadata.isFailed());
    }

    @Override
    public Attributes lookup(Caller caller, long directory, FileName name) throws FsException {
        Permissions.require(caller, directoryRow(directory), Permissions.EXECUTE);
        EntryRow entry = metadata.entry(directory, name);
        if (entry == null) {
            throw new FsException(Errno.ENOENT);
        }
        try {
            return lookup(entry.inode());
        } catch (FsException e) {
            throw e.errno() == Errno.ESTALE ? new FsException(Errno.ENOENT) : e;
        }
    }

    @Override
    public Attributes lookup(long inode) throws FsException {
        // first the reference, then the look: an inode that has lost its name meanwhile is either seen as lost, or
        // stays
        orphans.reference(inode);
        try {
            InodeRow row = contents.visible(inode);
            if (row.links() == 0) {
                throw new FsException(Errno.ESTALE, "inode " + inode + " has no name any more");
            }
            return row.attributes();
        } catch (FsException e) {
            orphans.dereference(inode, 1);
            throw e;
        }
    }

    @Override
    public void forget(long inode, long count) {
        orphans.dereference(inode, count);
    }

    @Override
    public Attributes getAttributes(long inode) throws FsException {
        return contents.visible(inode).attributes();
    }

    @Override
    public Attributes setAttributes(Caller caller, long inode, SetAttributes change) throws FsException {
        attributeChanges.apply(caller, inode, change);
        return getAttributes(inode);
    }

    @Override
    public void access(Caller caller, long inode, int mask) throws FsException {
        InodeRow row = metadata.inode(inode);
        if ((mask & Permissions.WRITE) != 0 && metadata.isReadOnly() && (row.isRegular() || row.isDirectory())) {
            throw new FsException(Errno.EROFS);
        }
        Permissions.require(caller, row, mask);
    }

    @Override
    public Attributes makeNode(Caller caller, long directory, FileName name, FileType type, int permissions, int device)
            throws FsException {
        return make(caller, directory, name, NewInode.node(type, permissions, device));
    }

    @Override
    public Attributes makeDirectory(Caller caller, long directory, FileName name, int permissions) throws FsException {
        return make(caller, directory, name, NewInode.directory(permissions));
    }

    @Override
    public Attributes makeSymlink(Caller caller, long directory, FileName name, byte[] target) throws FsException {
        return make(caller, directory, name, NewInode.symlink(target));
    }

    private Attributes make(Caller caller, long directory, FileName name, NewInode wanted) throws FsException {
        contents.reserveDisk(CREATION_BYTES);
        return getAttributes(creation.make(caller, directory, name, wanted, orphans::reference));
    }

    @Override
    public byte[] readSymlink(long inode) throws FsException {
        InodeRow row = metadata.inode(inode);
        if (row.type() != FileType.SYMLINK) {
            throw new FsException(Errno.EINVAL);
        }
        metadata.accessTimes().accessed(row, metadata.now());
        return row.targetBytes();
    }

    @Override
    public Attributes link(Caller caller, long inode, long newDirectory, FileName newName) throws FsException {
        contents.reserveDisk(CREATION_BYTES);
        linking.link(caller, inode, newDirectory, newName, orphans::reference);
        return getAttributes(inode);
    }

    @Override
    public void unlink(Caller caller, long directory, FileName name) throws FsException {
        linking.unlink(caller, directory, name);
    }

    @Override
    public void removeDirectory(Caller caller, long directory, FileName name) throws FsException {
        linking.removeDirectory(caller, directory, name);
    }

    @Override
    public void rename(Caller caller, long directory, FileName name, long newDirectory, FileName newName, int flags)
            throws FsException {
        if ((flags & RENAME_WHITEOUT) != 0) {
            contents.reserveDisk(CREATION_BYTES);
        }
        renaming.rename(caller, directory, name, newDirectory, newName, flags);
    }

    @Override
    public Created create(Caller caller, long directory, FileName name, int permissions, int flags) throws FsException {
        contents.reserveDisk(CREATION_BYTES);
        boolean exclusive = (flags & OpenFlags.EXCLUSIVE) != 0;
        Creation.Opened opened =
                creation.makeOrFind(caller, directory, name, permissions, exclusive, orphans::reference);
        long inode = opened.inode();
        try {
            long handle = opened.created()
                    ? openFiles.openCreated(caller, inode, flags)
                    : openFiles.open(caller, inode, flags);
            return new Created(getAttributes(inode), handle);
        } catch (FsException e) {
            orphans.dereference(inode, 1);
            throw e;
        }
    }

    @Override
    public Created createNameless(Caller caller, long directory, int permissions, int flags) throws FsException {
        contents.reserveDisk(CREATION_BYTES);
        boolean linkable = (flags & OpenFlags.EXCLUSIVE) == 0;
        long inode = creation.makeNameless(caller, directory, permissions, linkable, orphans::reference);
        return new Created(getAttributes(inode), openFiles.openCreated(caller, inode, flags));
    }

    @Override
    public long open(Caller caller, long inode, int flags) throws FsException {
        return openFiles.open(caller, inode, flags);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer target) throws FsException {
        return openFiles.read(handle, offset, target);
    }

    @Override
    public int write(long handle, long offset, ByteBuffer source) throws FsException {
        return openFiles.write(handle, offset, source);
    }

    @Override
    public int writeBack(long handle, long offset, ByteBuffer source) throws FsException {
        return openFiles.writeBack(handle, offset, source);
    }

    @Override
    public Attributes truncate(long handle, long size) throws FsException {
        return getAttributes(openFiles.truncate(handle, size));
    }

    @Override
    public void flush(long handle) throws FsException {
        openFiles.flush(handle);
    }

    @Override
    public void fsync(long handle, boolean dataOnly) throws FsException {
        openFiles.fsync(handle);
    }

    @Override
    public void release(long handle) {
        Handle handleOf = handles.remove(handle);
        switch (handleOf) {
            case OpenFile file -> openFiles.release(file);
            case OpenDirectory directory -> orphans.dereference(directory.inode(), 1);
            case null -> {}
        }
    }

    @Override
    public void allocate(long handle, long offset, long length, int mode) throws FsException {
        openFiles.allocate(handle, offset, length, mode);
    }

    @Override
    public long seek(long handle, long offset, int whence) throws FsException {
        return openFiles.seek(handle, offset, whence);
    }

    @Override
    public long copyRange(long from, long fromOffset, long to, long toOffset, long length) throws FsException {
        return openFiles.copyRange(from, fromOffset, to, toOffset, length);
    }

    @Override
    public long openDirectory(Caller caller, long inode) throws FsException {
        orphans.reference(inode);
        try {
            Permissions.require(caller, directoryRow(inode), Permissions.READ);
            return handles.add(new OpenDirectory(inode));
        } catch (FsException e) {
            orphans.dereference(inode, 1);
            throw e;
        }
    }

    @Override
    public List<DirectoryEntry> readDirectory(long handle, long cookie, int limit) throws FsException {
        OpenDirectory directory = handles.directory(handle);
        InodeRow row = metadata.inode(directory.inode());
        metadata.accessTimes().accessed(row, metadata.now());
        return listing.list(row.inode(), cookie, directory.listingEnd(cookie, row.nextCookie()), limit);
    }

    @Override
    public void fsyncDirectory(long handle) throws FsException {
        handles.directory(handle);
        metadata.sync();
    }

    @Override
    public void releaseDirectory(long handle) {
        release(handle);
    }

    @Override
    public long parent(long directory) throws FsException {
        return directoryRow(directory).parent();
    }

    @Override
    public byte[] getExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException {
        return extendedAttributes.get(caller, inode, name);
    }

    @Override
    public void setExtendedAttribute(Caller caller, long inode, byte[] name, byte[] value, int flags)
            throws FsException {
        contents.reserveDisk(value.length);
        extendedAttributes.set(caller, inode, name, value, flags);
    }

    @Override
    public List<byte[]> listExtendedAttributes(Caller caller, long inode) throws FsException {
        return extendedAttributes.list(caller, inode);
    }

    @Override
    public void removeExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException {
        extendedAttributes.remove(caller, inode, name);
    }

    @Override
    public int flags(long inode) throws FsException {
        return flagChanges.get(inode);
    }

    @Override
    public void setFlags(Caller caller, long inode, int flags) throws FsException {
        flagChanges.set(caller, inode, flags);
    }

    @Override
    public FilesystemStatistics statistics() {
        long usedBytes = metadata.byteCount();
        long usedInodes = metadata.inodeCount();
        return new FilesystemStatistics(
                contents.totalBytes(),
                usedBytes,
                metadata.inodeLimit() == Long.MAX_VALUE
                        ? Math.max(UNLIMITED_INODES, usedInodes * 2)
                        : metadata.inodeLimit(),
                usedInodes);
    }

    private InodeRow directoryRow(long inode) throws FsException {
        InodeRow row = metadata.inode(inode);
        if (!row.isDirectory()) {
            throw new FsException(Errno.ENOTDIR);
        }
        return row;
    }
}
