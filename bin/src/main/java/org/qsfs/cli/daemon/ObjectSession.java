package org.qsfs.cli.daemon;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.VolumeHome;
import org.qsfs.cli.home.VolumeLock;
import org.qsfs.cli.volume.StoredObjects;

/** Single files of a volume, for one command that runs outside of a daemon. Embedded backends that do not run already run meanwhile. */
public final class ObjectSession implements AutoCloseable {
    private final StoredObjects objects;
    private final @Nullable EmbeddedBackends backends;
    private final @Nullable VolumeLock lock;

    private ObjectSession(StoredObjects objects, @Nullable EmbeddedBackends backends, @Nullable VolumeLock lock) {
        this.objects = objects;
        this.backends = backends;
        this.lock = lock;
    }

    /** The daemon that serves a volume, to which changes of it belong. */
    public static Optional<DaemonRecord.Running> daemon(Config config, Home home) throws IOException {
        return DaemonRecord.running(home).stream()
                .filter(one -> one.volume().name().equals(config.volume()))
                .findFirst();
    }

    /** To read, whether the volume is mounted or not. Waits for a command that runs the embedded backends for itself. */
    public static ObjectSession forReading(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        if (!EmbeddedBackends.areIn(config)) {
            return new ObjectSession(StoredObjects.forReading(config, home), null, null);
        }
        Optional<VolumeLock> lock = VolumeLock.acquire(home.volume(config.volume()));
        if (lock.isPresent()) {
            return open(config, home, lock.get(), StoredObjects::forReading);
        }
        if (daemon(config, home).isEmpty()) {
            throw inUse(config);
        }
        return new ObjectSession(StoredObjects.forReading(config, home), null, null);
    }

    /** To write; the volume must not be mounted. */
    public static ObjectSession forWriting(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        VolumeHome volume = home.volume(config.volume());
        Optional<VolumeLock> lock = VolumeLock.acquire(volume);
        if (lock.isEmpty()) {
            throw inUse(config);
        }
        DaemonLog.toFile(volume.daemonLog());
        return open(config, home, lock.get(), StoredObjects::forWriting);
    }

    private static CommandFailure inUse(Config config) {
        return new CommandFailure(
                "volume \"" + config.volume()
                        + "\" is in use by another process, which is not a mount: another qsfs store, retrieve, restore or catalog rebuild. Run the command again when that has ended");
    }

    private interface Opening {
        StoredObjects open(Config config, Home home) throws IOException, InterruptedException, CommandFailure;
    }

    /** Runs the embedded backends, which is the right of whoever holds the lock. */
    private static ObjectSession open(Config config, Home home, VolumeLock lock, Opening opening)
            throws IOException, InterruptedException, CommandFailure {
        @Nullable EmbeddedBackends backends = null;
        try {
            backends = EmbeddedBackends.start(config, home);
            return new ObjectSession(opening.open(config, home), backends, lock);
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            try (lock) {
                if (backends != null) {
                    backends.close();
                }
            }
            throw e;
        }
    }

    public StoredObjects objects() {
        return objects;
    }

    @Override
    public void close() throws IOException {
        try {
            objects.close();
        } finally {
            if (backends != null) {
                backends.close();
            }
            if (lock != null) {
                lock.close();
            }
        }
    }
}
