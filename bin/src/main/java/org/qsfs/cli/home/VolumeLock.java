package org.qsfs.cli.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps a volume to one process. The kernel releases it when the process dies, however it dies. */
public final class VolumeLock implements AutoCloseable {
    private final FileChannel channel;

    private VolumeLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @return empty when another process holds the volume */
    public static Optional<VolumeLock> tryAcquire(VolumeHome volume) throws IOException {
        PrivateFiles.directory(volume.directory());
        FileChannel channel = FileChannel.open(volume.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            // the same answer as when another process holds it
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? Optional.empty() : Optional.of(new VolumeLock(channel));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
