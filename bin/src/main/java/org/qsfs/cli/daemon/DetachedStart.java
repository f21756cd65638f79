package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.cli.home.VolumeHome;

/** {@code qsfs mount -d}: starts the daemon as a process of its own and waits until its mount answers. */
public final class DetachedStart {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration END = Duration.ofSeconds(30);

    private final Launcher launcher;
    private final VolumeHome volume;

    public DetachedStart(Launcher launcher, VolumeHome volume) {
        this.launcher = launcher;
        this.volume = volume;
    }

    /**
     * @param arguments of {@code qsfs}, without {@code -d}
     * @param limit how long it may take until the mount answers
     * @throws CommandFailure with the daemon's own words when it ends before, or does not get there in time; no process is left then
     */
    public void run(List<String> arguments, Duration limit) throws IOException, InterruptedException, CommandFailure {
        Path output = volume.daemonOutput();
        PrivateFiles.write(output, "");
        Process process = launcher.detached(arguments)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        MountProbe probe = new MountProbe(volume);
        Instant deadline = Instant.now().plus(limit);
        while (Instant.now().isBefore(deadline)) {
            if (!process.isAlive()) {
                throw new CommandFailure(words(output));
            }
            if (probe.isMounted(process.toHandle())) {
                return;
            }
            Thread.sleep(POLL);
        }
        process.destroy();
        if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS);
        }
        throw new CommandFailure(
                "the daemon did not mount within " + limit.toSeconds() + " s and was stopped; its log is "
                        + volume.daemonLog() + ". If it was still replaying a long journal, allow more with --timeout");
    }

    /** What the daemon said before it ended, as it would have said it in the foreground. */
    private String words(Path output) throws IOException {
        String said = String.join(
                "\n",
                Files.readString(output)
                        .lines()
                        .map(line -> line.startsWith("qsfs: ") ? line.substring("qsfs: ".length()) : line)
                        .toList());
        return said.isBlank() ? "the daemon ended without a word; its log is " + volume.daemonLog() : said;
    }
}
