package org.qsfs.zdb.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second instance away from a directory, by an fcntl lock on its file {@code .lockfile}. 0-db uses flock, which knows nothing of these. */
public final class DirectoryLock implements Closeable {
    private static final String NAME = ".lockfile";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock; {@link IOException} when another instance has it. */
    public static DirectoryLock take(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DirectoryLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // held by this process
        }
        channel.close();
        throw new IOException(directory + " is in use by another zdb; stop it or choose other directories");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
