package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Interruption;
import org.qsfs.fs.SpaceReservation;

/**
 * Holds writers back when the local disk or the upload cannot follow: when too much is not stored yet they wait, and when that does not help within the deadline they get
 * ENOSPC; nothing is dropped, and reads go on. A part of the disk stays reserved for the journal and for freeing space. Thread-safe; asking costs nothing as long as
 * there is plenty of room.
 */
final class BackPressure implements SpaceReservation {
    /** After so many bytes the disk is asked again. */
    private static final long RECHECK_BYTES = 8L << 20;

    private static final Duration POLL = Duration.ofMillis(50);

    private final Path directory;
    private final FileStore disk;
    private final long diskReserve;
    private final long maxNotStored;
    private final LongSupplier notStored;
    private final Runnable makeRoom;
    private final Duration patience;
    private final AtomicLong unchecked = new AtomicLong(RECHECK_BYTES);

    /**
     * @param diskReserve bytes of the disk that writers may not use
     * @param maxNotStored bytes that may wait for their upload
     * @param notStored bytes that wait
     * @param makeRoom asked to free local disk, must not block
     * @param patience how long a writer waits before it gets ENOSPC
     */
    BackPressure(
            Path directory,
            long diskReserve,
            long maxNotStored,
            LongSupplier notStored,
            Runnable makeRoom,
            Duration patience)
            throws IOException {
        this.directory = directory;
        this.disk = Files.getFileStore(directory);
        this.diskReserve = diskReserve;
        this.maxNotStored = maxNotStored;
        this.notStored = notStored;
        this.makeRoom = makeRoom;
        this.patience = patience;
    }

    @Override
    public void reserve(long bytes) throws FsException {
        if (unchecked.addAndGet(bytes) < RECHECK_BYTES) {
            return;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            long waiting = notStored.getAsLong();
            long free = free();
            if (waiting <= maxNotStored && free >= diskReserve + bytes) {
                unchecked.set(0);
                return;
            }
            if (free < diskReserve + bytes) {
                makeRoom.run();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new FsException(
                        Errno.ENOSPC,
                        waiting > maxNotStored
                                ? "%d bytes wait for their upload, at most %d may (max_not_stored); see 'qsfs status'"
                                        .formatted(waiting, maxNotStored)
                                : "%d bytes are free on the disk of %s, %d are kept as a reserve"
                                        .formatted(free, directory, diskReserve));
            }
            Interruption.park(this, POLL.toNanos());
        }
    }

    private long free() throws FsException {
        try {
            return disk.getUsableSpace();
        } catch (IOException e) {
            throw new FsException(Errno.EIO, "the disk of " + directory + " does not tell its free space", e);
        }
    }
}
