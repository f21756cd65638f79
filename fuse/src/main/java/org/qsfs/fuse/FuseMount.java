package org.qsfs.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.qsfs.fs.FileSystem;
import org.qsfs.fuse.jnr.JnrConnection;
import org.qsfs.fuse.kernel.KernelConnection;
import org.qsfs.fuse.session.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mounts filesystems. */
public final class FuseMount {
    private static final Logger LOG = LoggerFactory.getLogger(FuseMount.class);

    private static final Duration READY_LIMIT = Duration.ofSeconds(5);

    private FuseMount() {}

    /**
     * Mounts and returns when the mount has answered a call through the kernel. A mount that a killed daemon left at the mountpoint is taken away first.
     *
     * @throws MountException saying what is wrong with the mountpoint or missing on this machine; nothing is mounted then
     */
    public static MountedFileSystem mount(FileSystem fileSystem, MountOptions options) throws MountException {
        Path mountpoint = prepare(options);
        ActiveMount mount = connect(fileSystem, options, mountpoint);
        mount.start();
        if (!mount.isReady(READY_LIMIT) && mount.isOverIoUring()) {
            LOG.warn("the kernel does not send requests of {} over io_uring; mounting it again without", mountpoint);
            mount.close();
            return mount(fileSystem, options.withIoUring(false));
        }
        Optional<Integer> answer = Mountpoint.statvfs(mountpoint, options.startDeadline());
        if (answer.isPresent() && answer.get() == 0) {
            return mount;
        }
        Unmounting.unmount(mountpoint, true);
        throw new MountException("mounted " + mountpoint + ", but "
                + answer.map(a -> "statvfs answered error number " + -a)
                        .orElse("it did not answer within "
                                + options.startDeadline().toSeconds() + " s")
                + "; unmounted it again");
    }

    /** Whether a mount at exactly this path has lost its daemon. Never waits longer than five seconds. */
    public static boolean isStale(Path mountpoint) throws MountException {
        return look(mountpoint).state() == Mountpoint.State.STALE;
    }

    /** Takes a mount away whose daemon is gone. @return whether there was one */
    public static boolean removeStale(Path mountpoint) throws MountException {
        boolean removed = false;
        while (isStale(mountpoint)) {
            LOG.info("taking away the mount at {} that a killed process left", mountpoint);
            Unmounting.unmount(mountpoint.toAbsolutePath().normalize(), true);
            removed = true;
        }
        return removed;
    }

    private static Mountpoint look(Path mountpoint) throws MountException {
        try {
            return Mountpoint.at(mountpoint);
        } catch (IOException e) {
            throw new MountException("cannot read the mount table: " + e.getMessage(), e);
        }
    }

    /** @return the mountpoint as the mount table will show it */
    private static Path prepare(MountOptions options) throws MountException {
        removeStale(options.mountpoint());
        refuseOccupied(options.mountpoint());
        Path mountpoint;
        try {
            mountpoint = options.mountpoint().toRealPath();
        } catch (IOException e) {
            throw new MountException(
                    "mountpoint " + options.mountpoint() + " does not exist. Create it: mkdir -p "
                            + options.mountpoint(),
                    e);
        }
        removeStale(mountpoint);
        refuseOccupied(mountpoint);
        if (!Files.isDirectory(mountpoint, LinkOption.NOFOLLOW_LINKS)) {
            throw new MountException("mountpoint " + mountpoint + " is not a directory; name an empty directory");
        }
        if (!options.allowNonEmpty()) {
            refuseNonEmpty(mountpoint);
        }
        refuseOwnFilesBelow(mountpoint);
        return mountpoint;
    }

    private static void refuseOccupied(Path path) throws MountException {
        Mountpoint found = look(path);
        if (found.state() != Mountpoint.State.FREE) {
            String what = found.mount()
                    .map(m -> m.source() + " (type " + m.type() + ")")
                    .orElse("something");
            throw new MountException(path + " is already the mountpoint of " + what
                    + (found.state() == Mountpoint.State.SILENT ? ", which does not answer" : "")
                    + ". Unmount it first, or choose another directory.");
        }
    }

    private static void refuseNonEmpty(Path mountpoint) throws MountException {
        try (Stream<Path> entries = Files.list(mountpoint)) {
            Optional<Path> first = entries.findFirst();
            if (first.isPresent()) {
                throw new MountException("mountpoint " + mountpoint + " is not empty (it holds "
                        + first.get().getFileName()
                        + "), and mounting would hide what is there. Choose an empty directory.");
            }
        } catch (IOException e) {
            throw new MountException("cannot list mountpoint " + mountpoint + ": " + e.getMessage(), e);
        }
    }

    /** A JVM that needs a file of its own mount to answer a request waits for itself. */
    private static void refuseOwnFilesBelow(Path mountpoint) throws MountException {
        for (String property : List.of("user.dir", "java.io.tmpdir", "java.home")) {
            String value = System.getProperty(property);
            if (value != null && Path.of(value).toAbsolutePath().normalize().startsWith(mountpoint)) {
                throw new MountException(
                        "this process uses " + value + " (" + property + "), which lies below the mountpoint "
                                + mountpoint + "; it would wait for itself. Start it from another directory.");
            }
        }
    }

    private static ActiveMount connect(FileSystem fileSystem, MountOptions options, Path mountpoint)
            throws MountException {
        if (options.binding() == Binding.JNR) {
            return active(Binding.JNR, JnrConnection.open(fileSystem, options, mountpoint), options, mountpoint);
        }
        try {
            return active(Binding.KERNEL, KernelConnection.open(fileSystem, options, mountpoint), options, mountpoint);
        } catch (MountException e) {
            removeStale(mountpoint);
            if (options.binding() == Binding.KERNEL) {
                throw e;
            }
            LOG.warn("{}; trying the jnr binding", e.getMessage());
            try {
                return active(Binding.JNR, JnrConnection.open(fileSystem, options, mountpoint), options, mountpoint);
            } catch (MountException second) {
                e.addSuppressed(second);
                throw e;
            }
        }
    }

    private static ActiveMount active(Binding binding, Connection connection, MountOptions options, Path mountpoint) {
        return new ActiveMount(mountpoint, binding, connection, options.maxWorkers());
    }
}
