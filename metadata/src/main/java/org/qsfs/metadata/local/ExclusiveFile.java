package org.qsfs.metadata.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A lock that at most one thread of all processes of this machine holds, and that the operating system releases when its
 * process dies.
 *
 * <p>The locks of POSIX belong to a process and all vanish when it closes <em>any</em> descriptor of the file. So within a
 * process all users of one file share one descriptor, which is what the static table is for: it mirrors state that the
 * operating system keeps per process.
 *
 * <p>Thread-safe; may be unlocked by another thread than the one that locked it.
 */
final class ExclusiveFile implements AutoCloseable {

    private static final Map<Path, Shared> OPEN = new HashMap<>();

    private final Path key;
    private final Shared shared;
    private boolean locked;

    private ExclusiveFile(Path key, Shared shared) {
        this.key = key;
        this.shared = shared;
    }

    /** Opens a lock file, which is created when missing. Its directory must exist. */
    static ExclusiveFile open(Path file) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a lock file is in a directory");
        Path key = directory.toRealPath().resolve(file.getFileName());
        synchronized (OPEN) {
            Shared shared = OPEN.get(key);
            if (shared == null) {
                shared = new Shared(FileChannel.open(
                        key, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
                OPEN.put(key, shared);
            }
            shared.users++;
            return new ExclusiveFile(key, shared);
        }
    }

    /** Takes the lock if it is free now. */
    boolean tryLock() throws IOException {
        if (!shared.turn.tryAcquire()) {
            return false;
        }
        return lockFile();
    }

    /**
     * Takes the lock.
     *
     * @param deadline by {@link System#nanoTime}
     * @return false when it was not free before the deadline
     */
    boolean lock(long deadline) throws IOException, InterruptedException {
        if (!shared.turn.tryAcquire(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            return false;
        }
        // another process has no way to wake us
        for (long pause = 1; !lockFile(); pause = Math.min(20, 2 * pause)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(pause);
            if (!shared.turn.tryAcquire(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    /** With the process' turn taken; gives it back unless the file is locked. */
    private boolean lockFile() throws IOException {
        boolean done = false;
        try {
            shared.lock = shared.channel.tryLock();
            done = shared.lock != null;
            locked = done;
            return done;
        } finally {
            if (!done) {
                shared.turn.release();
            }
        }
    }

    void unlock() throws IOException {
        if (!locked) {
            throw new IllegalStateException(key + " is not locked");
        }
        locked = false;
        try {
            FileLock lock = shared.lock;
            shared.lock = null;
            if (lock != null) {
                lock.release();
            }
        } finally {
            shared.turn.release();
        }
    }

    /** Removes the file; whoever still has it open keeps a lock that nobody else can meet. */
    void delete() throws IOException {
        Files.deleteIfExists(key);
    }

    /** Unlocks. */
    @Override
    public void close() throws IOException {
        if (locked) {
            unlock();
        }
        synchronized (OPEN) {
            if (--shared.users == 0) {
                OPEN.remove(key);
                shared.channel.close();
            }
        }
    }

    /** The one descriptor of a file in this process. */
    private static final class Shared {

        private final FileChannel channel;
        private final Semaphore turn = new Semaphore(1, true);
        private volatile @Nullable FileLock lock;
        private int users;

        private Shared(FileChannel channel) {
            this.channel = channel;
        }
    }
}
