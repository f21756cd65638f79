package org.qsfs.fuse.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.system.Fusermount;
import org.qsfs.fuse.system.Linux;

/** Opens {@code /dev/fuse} and mounts: with mount(2) as root, else by {@code fusermount3}, which does it and passes the descriptor. */
final class FuseDevice {
    static final String PATH = "/dev/fuse";
    private static final String TYPE = "fuse.qsfs";

    private FuseDevice() {}

    /** @return the descriptor that requests come from */
    static int mount(MountOptions options, Path mountpoint) throws MountException {
        if (!Files.exists(Path.of(PATH))) {
            throw new MountException(
                    PATH
                            + " does not exist: the kernel module fuse is not loaded (modprobe fuse), or this container was not given the device (--device /dev/fuse --cap-add SYS_ADMIN)");
        }
        return Linux.isRoot() ? mountAsRoot(options, mountpoint) : mountAsUser(options, mountpoint);
    }

    private static int mountAsRoot(MountOptions options, Path mountpoint) throws MountException {
        int descriptor = Linux.open(PATH, Linux.O_RDWR);
        if (descriptor < 0) {
            throw new MountException("cannot open " + PATH + ": error number " + -descriptor
                    + "; in a container it needs --device /dev/fuse --cap-add SYS_ADMIN");
        }
        List<String> data = new ArrayList<>(List.of(
                "fd=" + descriptor,
                "rootmode=40000",
                "user_id=" + Linux.effectiveUser(),
                "group_id=" + Linux.effectiveGroup()));
        data.addAll(commonOptions(options));
        int answer = Linux.mount(
                options.fsname(), mountpoint, TYPE, options.readOnly() ? Linux.MS_RDONLY : 0, String.join(",", data));
        if (answer < 0) {
            Linux.close(descriptor);
            throw new MountException("mount(2) of " + mountpoint + " failed with error number " + -answer
                    + (answer == -1 ? "; this process lacks CAP_SYS_ADMIN (in a container: --cap-add SYS_ADMIN)" : ""));
        }
        return descriptor;
    }

    static int mountAsUser(MountOptions options, Path mountpoint) throws MountException {
        if (!Files.isWritable(Path.of(PATH))) {
            throw new MountException("this user may not open " + PATH + ", whose mode is usually 0666: chmod 666 "
                    + PATH + " as root, or mount as root");
        }
        try {
            return Fusermount.mount(userOptions(options), mountpoint);
        } catch (IOException e) {
            throw new MountException("cannot mount " + mountpoint + ": " + e.getMessage(), e);
        }
    }

    private static List<String> commonOptions(MountOptions options) {
        List<String> list = new ArrayList<>(List.of("default_permissions", "max_read=" + Negotiation.MAX_DATA));
        if (options.allowOther()) {
            list.add("allow_other");
        }
        return list;
    }

    private static String userOptions(MountOptions options) {
        List<String> list = commonOptions(options);
        list.addAll(List.of("fsname=" + options.fsname(), "subtype=qsfs"));
        if (options.readOnly()) {
            list.add("ro");
        }
        return String.join(",", list);
    }
}
