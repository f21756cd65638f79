package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qsfs umount}. */
@Command(
        name = "umount",
        mixinStandardHelpOptions = true,
        description =
                "Write everything back, wait until it is stored on the backends, then unmount. Embedded backends are stopped, too.")
public final class UmountCommand implements Callable<Integer> {
    private static final Duration PROCESS_END = Duration.ofSeconds(60);

    private final Console console;
    private final Home home;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the volume is mounted.")
    private @Nullable Path mountpoint;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(
            names = "--no-wait",
            description =
                    "Do not wait for uploads: what is not stored yet stays on the local disk until the next mount.")
    private boolean noWait;

    UmountCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Path wanted = Objects.requireNonNull(mountpoint).toAbsolutePath().normalize();
        DaemonRecord.Running running = find(wanted);
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = VolumeOptions.call(running, "umount", Json.object().put("wait", !noWait), bar);
        }
        awaitEnd(running);
        long left = reply.result().path("not_stored").asLong(0);
        console.say("unmounted " + wanted
                + (left > 0 ? "; " + left + " segments are not stored yet, the next mount goes on with them" : ""));
        return reply.exit();
    }

    private DaemonRecord.Running find(Path wanted) throws IOException, CommandFailure, ConfigException {
        Optional<DaemonRecord.Running> found = DaemonRecord.running(home).stream()
                .filter(running -> running.daemon().mountpoint().equals(wanted))
                .findFirst();
        if (found.isPresent() && volume.isNamed()) {
            String named = volume.daemon(home).volume().name();
            if (!named.equals(found.get().volume().name())) {
                throw new CommandFailure(
                        CommandFailure.USAGE,
                        wanted + " is the mountpoint of volume \""
                                + found.get().volume().name() + "\", not of \"" + named + "\"");
            }
        }
        return found.orElseThrow(
                () -> new CommandFailure("nothing of QSFS_HOME " + home.root() + " is mounted at " + wanted
                        + "; `qsfs status` says what is. A mountpoint left by a killed daemon goes away with: fusermount3 -uz "
                        + wanted));
    }

    private static void awaitEnd(DaemonRecord.Running running) throws InterruptedException, CommandFailure {
        Optional<ProcessHandle> process = ProcessHandle.of(running.daemon().pid());
        if (process.isEmpty()) {
            return;
        }
        try {
            process.get().onExit().get(PROCESS_END.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    "unmounted, but process " + running.daemon().pid() + " does not end; its log is "
                            + running.volume().daemonLog());
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for a process cannot fail", e);
        }
    }
}
