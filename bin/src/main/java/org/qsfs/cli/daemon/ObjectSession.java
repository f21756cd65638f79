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

    /** To read, whether the volume is mounted or not. */
    public static ObjectSession forReading(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        boolean served = daemon(config, home).isPresent();
        return open(config, home, served ? null : EmbeddedBackends.start(config, home), null);
    }

    /** To write; the volume must not be mounted. */
    public static ObjectSession forWriting(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        VolumeHome volume = home.volume(config.volume());
        VolumeLock lock = VolumeLock.tryAcquire(volume)
                .orElseThrow(() -> new CommandFailure(
                        "volume \"" + config.volume() + "\" is in use by another process; try again"));
        try {
            DaemonLog.toFile(volume.daemonLog());
            return open(config, home, EmbeddedBackends.start(config, home), lock);
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static ObjectSession open(
            Config config, Home home, @Nullable EmbeddedBackends backends, @Nullable VolumeLock lock)
            throws IOException, InterruptedException, CommandFailure {
        try {
            StoredObjects objects =
                    lock == null ? StoredObjects.forReading(config, home) : StoredObjects.forWriting(config, home);
            return new ObjectSession(objects, backends, lock);
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            if (backends != null) {
                backends.close();
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
