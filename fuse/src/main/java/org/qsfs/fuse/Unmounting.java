package org.qsfs.fuse;

import java.io.IOException;
import java.nio.file.Path;
import org.qsfs.fuse.system.Fusermount;
import org.qsfs.fuse.system.Linux;

/** Takes mounts away: umount2(2) as root, {@code fusermount3 -u} for others. */
final class Unmounting {
    private Unmounting() {}

    static void unmount(Path mountpoint, boolean lazy) throws MountException {
        if (!Linux.isRoot()) {
            try {
                Fusermount.unmount(mountpoint, lazy);
            } catch (IOException e) {
                throw new MountException("cannot unmount " + mountpoint + ": " + e.getMessage(), e);
            }
            return;
        }
        int answer = Linux.unmount(mountpoint, lazy);
        if (answer == -Linux.EBUSY) {
            throw new MountException(mountpoint
                    + " is in use: a program has its working directory or an open file there (fuser -vm " + mountpoint
                    + " shows which). Stop it, or unmount lazily.");
        }
        // EINVAL: somebody else unmounted it first
        if (answer < 0 && answer != -Linux.EINVAL) {
            throw new MountException("umount2(" + mountpoint + ") failed with error number " + -answer);
        }
    }
}
