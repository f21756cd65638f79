package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.AdminClient;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.config.ConfigFile;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Which volume a command means. */
final class VolumeOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (default: qsfs.toml in QSFS_HOME).")
    private @Nullable Path config;

    @Option(
            names = "--volume",
            paramLabel = "NAME",
            description = "Name of the volume (default: what the configuration says).")
    private @Nullable String volume;

    /** The file that is meant, whether it exists or not. */
    Path configFile(Home home) {
        return config == null ? home.config() : config.toAbsolutePath().normalize();
    }

    /** Whether the user named a file, which then must exist. */
    boolean namesConfig() {
        return config != null;
    }

    /** Whether the user said which volume. */
    boolean isNamed() {
        return config != null || volume != null;
    }

    Config read(Home home) throws IOException, ConfigException, CommandFailure {
        Config read = ConfigFile.read(configFile(home), home);
        if (volume != null && !volume.equals(read.volume())) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    configFile(home) + ": found volume \"" + read.volume() + "\", expected \"" + volume
                            + "\" as --volume says; give that volume's file with --config FILE");
        }
        return read;
    }

    /** The daemon of the volume: the one named, else the only one that runs. */
    DaemonRecord.Running daemon(Home home) throws IOException, ConfigException, CommandFailure {
        List<DaemonRecord.Running> running = DaemonRecord.running(home);
        String wanted = volume != null ? volume : config != null ? read(home).volume() : null;
        if (wanted != null) {
            return running.stream()
                    .filter(one -> one.volume().name().equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailure("volume \"" + wanted + "\" is not mounted here (QSFS_HOME is "
                            + home.root() + "); mount it with: qsfs mount DIRECTORY -d"));
        }
        if (running.size() == 1) {
            return running.getFirst();
        }
        if (running.isEmpty()) {
            throw new CommandFailure(
                    "no volume is mounted (QSFS_HOME is " + home.root() + "); mount one with: qsfs mount DIRECTORY -d");
        }
        throw new CommandFailure(
                CommandFailure.USAGE,
                "several volumes are mounted: "
                        + running.stream().map(one -> one.volume().name()).collect(Collectors.joining(", "))
                        + "; say which with --volume NAME");
    }

    /** Runs a command in the volume's daemon. */
    AdminReply call(Home home, String command, ObjectNode arguments, Progress progress)
            throws IOException, ConfigException, CommandFailure {
        return call(daemon(home), command, arguments, progress);
    }

    static AdminReply call(DaemonRecord.Running running, String command, ObjectNode arguments, Progress progress)
            throws CommandFailure {
        Path socket = running.daemon().socket();
        try {
            return new AdminClient(socket).call(command, arguments, progress);
        } catch (IOException e) {
            String state = Files.exists(socket) ? "does not answer" : "has no admin socket";
            throw new CommandFailure(
                    "the daemon of volume \"" + running.volume().name() + "\" (process "
                            + running.daemon().pid() + ") " + state + " at " + socket + ": " + e.getMessage()
                            + "; its log is " + running.volume().daemonLog(),
                    e);
        }
    }
}
