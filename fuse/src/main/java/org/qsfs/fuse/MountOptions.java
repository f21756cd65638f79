package org.qsfs.fuse;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How to mount.
 *
 * @param mountpoint an existing directory
 * @param readOnly the kernel refuses changes with EROFS
 * @param allowOther users other than the mounting one may enter; without root it needs {@code user_allow_other} in {@code /etc/fuse.conf}
 * @param allowNonEmpty mount over a directory that has entries, which are hidden meanwhile
 * @param fsname what {@code df} and {@code mount} show as the device; no commas or backslashes
 * @param debug log every request on level debug
 * @param cacheTimeout how long the kernel may answer from names and attributes it has seen. Long is right for the one writer of a volume, because every
 *     change goes through this kernel; a mount that follows another writer needs a short one
 * @param keepPages whether pages stay cached from one open to the next; right under the same condition
 * @param writebackCache whether the kernel collects small writes in its page cache and sends them later; only the kernel binding can. Faster, but what was not
 *     fsynced may stay in the kernel up to {@code vm.dirty_expire_centisecs}
 * @param ioUring whether requests may come over io_uring, where kernel and rights allow it; only the kernel binding without writeback cache can
 * @param maxWorkers most threads that serve requests at once; a slow read occupies one of them. Over io_uring each processor has its share of them, at least eight
 * @param startDeadline how long the first answer through the kernel may take
 */
public record MountOptions(
        Path mountpoint,
        Binding binding,
        boolean readOnly,
        boolean allowOther,
        boolean allowNonEmpty,
        String fsname,
        boolean debug,
        Duration cacheTimeout,
        boolean keepPages,
        boolean writebackCache,
        boolean ioUring,
        int maxWorkers,
        Duration startDeadline) {

    public MountOptions {
        if (fsname.isEmpty() || fsname.chars().anyMatch(c -> c == ',' || c == '\\' || c <= ' ')) {
            throw new IllegalArgumentException("fsname must be a word without ',' and '\\', found \"" + fsname + "\"");
        }
        if (maxWorkers < 2) {
            throw new IllegalArgumentException("a mount needs at least 2 workers, found " + maxWorkers);
        }
        if (cacheTimeout.isNegative()) {
            throw new IllegalArgumentException("cacheTimeout must not be negative, found " + cacheTimeout);
        }
    }

    /** The usual options: binding auto, read-write, other users allowed when mounting as root, caches of a single writer. */
    public static MountOptions of(Path mountpoint) {
        return new MountOptions(
                mountpoint,
                Binding.AUTO,
                false,
                org.qsfs.fuse.system.Linux.isRoot(),
                false,
                "qsfs",
                false,
                Duration.ofHours(1),
                true,
                false,
                true,
                32,
                Duration.ofSeconds(20));
    }

    public MountOptions withBinding(Binding value) {
        return new MountOptions(
                mountpoint,
                value,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withReadOnly(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                value,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withAllowOther(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                value,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withAllowNonEmpty(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                value,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withFsname(String value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                value,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withDebug(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                value,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    /** Caches for a mount whose content changes behind it, such as a read-only follower of another writer. */
    public MountOptions withFollowing(Duration staleness) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                staleness,
                false,
                writebackCache,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withWritebackCache(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                value,
                ioUring,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withIoUring(boolean value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                value,
                maxWorkers,
                startDeadline);
    }

    public MountOptions withMaxWorkers(int value) {
        return new MountOptions(
                mountpoint,
                binding,
                readOnly,
                allowOther,
                allowNonEmpty,
                fsname,
                debug,
                cacheTimeout,
                keepPages,
                writebackCache,
                ioUring,
                value,
                startDeadline);
    }
}
