package org.qsfs.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.qsfs.fuse.system.Linux;

/** Takes mounts away: umount2(2) as root, {@code fusermount -u} for others. */
final class Unmounting {
    /** Without {@code -z} the kernel first writes dirty pages back, which may take a while. */
    private static final long FUSERMOUNT_SECONDS = 120;

    private Unmounting() {}

    static void unmount(Path mountpoint, boolean lazy) throws MountException {
        if (Linux.isRoot()) {
            int answer = Linux.unmount(mountpoint, lazy);
            if (answer == -Linux.EBUSY) {
                throw new MountException(
                        mountpoint + " is in use: a program has its working directory or an open file there (fuser -vm "
                                + mountpoint + " shows which). Stop it, or unmount lazily.");
            }
            // EINVAL: somebody else unmounted it first
            if (answer < 0 && answer != -Linux.EINVAL) {
                throw new MountException("umount2(" + mountpoint + ") failed with error number " + -answer);
            }
        } else {
            fusermount(mountpoint, lazy);
        }
    }

    private static void fusermount(Path mountpoint, boolean lazy) throws MountException {
        Path program = findFusermount()
                .orElseThrow(
                        () -> new MountException(
                                "cannot unmount " + mountpoint
                                        + ": found neither fusermount3 nor fusermount, which unmount for users other than root. Install them: apt-get install fuse3"));
        List<String> command = new ArrayList<>(List.of(program.toString(), "-u"));
        if (lazy) {
            command.add("-z");
        }
        command.addAll(List.of("--", mountpoint.toString()));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(FUSERMOUNT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new MountException(
                        program + " -u " + mountpoint + " did not end within " + FUSERMOUNT_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                String output = new String(process.getInputStream().readNBytes(2000), StandardCharsets.UTF_8).trim();
                throw new MountException(program + " -u " + mountpoint + " failed: " + output);
            }
        } catch (IOException e) {
            throw new MountException("cannot run " + program + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException("interrupted while unmounting " + mountpoint, e);
        }
    }

    private static Optional<Path> findFusermount() {
        return List.of("/usr/bin/fusermount3", "/bin/fusermount3", "/usr/bin/fusermount", "/bin/fusermount").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }
}
