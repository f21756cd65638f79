package org.qsfs.cli.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps a volume to one process. The kernel releases it when the process dies, however it dies. */
public final class VolumeLock implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);

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

    /**
     * Waits up to 20 s while another command holds the volume; not for a daemon, which holds it until it is unmounted.
     *
     * @return empty when a daemon holds it, or another command still does
     */
    public static Optional<VolumeLock> acquire(VolumeHome volume) throws IOException, InterruptedException {
        return acquire(volume, PATIENCE);
    }

    static Optional<VolumeLock> acquire(VolumeHome volume, Duration limit) throws IOException, InterruptedException {
        long started = System.nanoTime();
        Optional<VolumeLock> lock = tryAcquire(volume);
        while (lock.isEmpty()
                && DaemonRecord.living(volume).isEmpty()
                && System.nanoTime() - started < limit.toNanos()) {
            Thread.sleep(POLL);
            lock = tryAcquire(volume);
        }
        return lock;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
