package org.qsfs.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.qsfs.fs.FileName;
import org.qsfs.fuse.session.Connection;
import org.qsfs.fuse.session.WorkerPool;
import org.qsfs.fuse.system.MountTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mount made by this process, and the workers that serve it. */
final class ActiveMount implements MountedFileSystem {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveMount.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final Path mountpoint;
    private final Binding binding;
    private final Connection connection;
    private final WorkerPool workers;

    /** Notifications hold it for reading: the connection's memory and descriptors are given back only when none is under way. */
    private final ReadWriteLock inUse = new ReentrantReadWriteLock();

    private boolean released;

    ActiveMount(Path mountpoint, Binding binding, Connection connection, int maxWorkers) {
        this.mountpoint = mountpoint;
        this.binding = binding;
        this.connection = connection;
        this.workers = new WorkerPool(connection, "fuse-" + mountpoint.getFileName(), maxWorkers, this::ended);
    }

    void start() {
        workers.start();
    }

    /** Whether the kernel took all workers that it has to know. */
    boolean isReady(Duration limit) {
        try {
            return connection.awaitReady(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The connection may have been aborted from outside; then the kernel keeps a dead mount that nobody else would take away. */
    private void ended() {
        try {
            if (Mountpoint.at(mountpoint).state() == Mountpoint.State.STALE) {
                Unmounting.unmount(mountpoint, true);
            }
        } catch (IOException e) {
            LOG.warn("cannot take away the dead mount at {}: {}", mountpoint, e.getMessage());
        } finally {
            release();
            connection.openFiles().releaseAll();
        }
    }

    private void release() {
        inUse.writeLock().lock();
        try {
            released = true;
            connection.release();
        } finally {
            inUse.writeLock().unlock();
        }
    }

    private void notifyKernel(Runnable notification) {
        inUse.readLock().lock();
        try {
            if (!released) {
                notification.run();
            }
        } finally {
            inUse.readLock().unlock();
        }
    }

    @Override
    public Path mountpoint() {
        return mountpoint;
    }

    @Override
    public Binding binding() {
        return binding;
    }

    @Override
    public boolean isOverIoUring() {
        return connection.isOverIoUring();
    }

    @Override
    public boolean isMounted() {
        return !workers.hasEnded();
    }

    @Override
    public void awaitUnmount() throws InterruptedException {
        workers.awaitEnd();
    }

    @Override
    public boolean awaitUnmount(Duration limit) throws InterruptedException {
        return workers.awaitEnd(limit);
    }

    @Override
    public void unmount(boolean lazy) throws MountException {
        if (isMounted() && isInTable()) {
            Unmounting.unmount(mountpoint, lazy);
        }
    }

    private boolean isInTable() throws MountException {
        try {
            return MountTable.read().at(mountpoint).isPresent();
        } catch (IOException e) {
            throw new MountException("cannot read the mount table: " + e.getMessage(), e);
        }
    }

    @Override
    public void writeBack() {
        connection.openFiles().inodesOpenForWriting().forEach(this::invalidateInode);
    }

    @Override
    public void invalidateInode(long inode) {
        notifyKernel(() -> connection.invalidateInode(inode));
    }

    @Override
    public void invalidateName(long directory, FileName name) {
        notifyKernel(() -> connection.invalidateName(directory, name.bytes()));
    }

    @Override
    public void close() throws MountException {
        try {
            unmount(false);
        } catch (MountException busy) {
            LOG.info("{}; unmounting lazily", busy.getMessage());
            unmount(true);
        }
        try {
            if (!awaitUnmount(CLOSE_LIMIT)) {
                LOG.warn("{} is unmounted, but programs still hold open files of it", mountpoint);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
