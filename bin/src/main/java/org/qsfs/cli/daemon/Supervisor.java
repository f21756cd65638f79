package org.qsfs.cli.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.AdminClient;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.home.VolumeHome;

/**
 * {@code qsfs mount --supervise}: runs the daemon as a process of its own and starts it again on the same mountpoint when it crashes. It ends with the daemon when that ends
 * by `qsfs umount`, an unmount or SIGTERM, when the first start is refused, and when {@value #MOST_FAILURES} starts in a row do not. A signal to the supervisor
 * goes on to the daemon.
 */
public final class Supervisor {
    private static final int MOST_FAILURES = 5;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    /** A daemon that a signal stops unmounts, gives uploads 20 s and closes the volume. */
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

    /** What a shell calls the end by SIGINT and by SIGTERM; the daemon has then stopped in order. */
    private static final int INTERRUPTED = 128 + 2;

    private static final int TERMINATED = 128 + 15;

    private final Launcher launcher;
    private final VolumeHome volume;
    private final Consumer<String> messages;
    private volatile boolean stopping;
    private volatile @Nullable Process daemon;

    /** @param messages told when the daemon crashed and what is done about it */
    public Supervisor(Launcher launcher, VolumeHome volume, Consumer<String> messages) {
        this.launcher = launcher;
        this.volume = volume;
        this.messages = messages;
    }

    /**
     * Returns when the daemon shall not be started again.
     *
     * @param first arguments of the first start
     * @param again arguments of all others: decisions that were meant for once are not in them
     * @return the daemon's exit code
     */
    public int run(List<String> first, List<String> again) throws IOException, InterruptedException, CommandFailure {
        Thread signal = Thread.ofPlatform().name("signal").unstarted(this::stop);
        Runtime.getRuntime().addShutdownHook(signal);
        Hangup.does(this::reload);
        List<String> arguments = first;
        int failures = 0;
        boolean everMounted = false;
        while (true) {
            Process process = launcher.attached(arguments).start();
            daemon = process;
            boolean mounted = mounts(process);
            int exit = process.waitFor();
            everMounted |= mounted;
            failures = mounted ? 1 : failures + 1;
            boolean inOrder = exit == CommandFailure.DONE || exit == INTERRUPTED || exit == TERMINATED;
            boolean refused = !everMounted && (exit == CommandFailure.FAILED || exit == CommandFailure.USAGE);
            if (inOrder || stopping || refused) {
                return exit;
            }
            if (failures > MOST_FAILURES) {
                throw new CommandFailure("the daemon ended " + MOST_FAILURES
                        + " times before it had mounted; its log is " + volume.daemonLog());
            }
            Duration pause = FIRST_PAUSE.multipliedBy(1L << (failures - 1));
            messages.accept("the daemon ended with exit code " + exit + "; starting it again in " + pause.toSeconds()
                    + " s. Its log is " + volume.daemonLog());
            Thread.sleep(pause);
            arguments = again;
        }
    }

    /** Waits until the daemon has mounted or ended. */
    private boolean mounts(Process process) throws IOException, InterruptedException {
        MountProbe probe = new MountProbe(volume);
        while (process.isAlive()) {
            if (probe.isMounted(process.toHandle())) {
                return true;
            }
            Thread.sleep(POLL);
        }
        return false;
    }

    /** SIGHUP means the daemon. */
    private void reload() {
        try {
            AdminReply reply = new AdminClient(volume.socket()).call("reload", Json.object(), Progress.NONE);
            messages.accept("SIGHUP: " + Json.line(reply.result()));
        } catch (IOException | CommandFailure e) {
            messages.accept("SIGHUP: the configuration was not reloaded: " + e.getMessage());
        }
    }

    private void stop() {
        stopping = true;
        Process running = daemon;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            running.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
