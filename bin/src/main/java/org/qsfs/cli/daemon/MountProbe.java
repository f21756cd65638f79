package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.qsfs.cli.admin.AdminClient;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.VolumeHome;

/** Asks whether a process, or a daemon that it started, has mounted a volume. */
final class MountProbe {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final VolumeHome volume;

    MountProbe(VolumeHome volume) {
        this.volume = volume;
    }

    /** False as well when it cannot be told yet. */
    boolean isMounted(ProcessHandle process) throws IOException {
        Optional<DaemonRecord> record = DaemonRecord.read(volume);
        if (record.isEmpty()
                || !isOrStarted(process, record.get().pid())
                || !Files.exists(record.get().socket())) {
            return false;
        }
        try {
            AdminReply reply =
                    new AdminClient(record.get().socket()).call("status", Json.object(), Progress.NONE, ANSWER);
            return reply.result().path("state").asString("").equals("mounted");
        } catch (IOException | CommandFailure notYet) {
            return false;
        }
    }

    private static boolean isOrStarted(ProcessHandle process, long daemon) {
        return process.pid() == daemon || process.descendants().anyMatch(descendant -> descendant.pid() == daemon);
    }
}
