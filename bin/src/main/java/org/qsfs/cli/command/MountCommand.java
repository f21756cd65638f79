package org.qsfs.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.daemon.DetachedStart;
import org.qsfs.cli.daemon.FirstVolume;
import org.qsfs.cli.daemon.Launcher;
import org.qsfs.cli.daemon.Supervisor;
import org.qsfs.cli.daemon.VolumeDaemon;
import org.qsfs.cli.home.Home;
import org.qsfs.fuse.Binding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qsfs mount}. */
@Command(
        name = "mount",
        mixinStandardHelpOptions = true,
        description = {
            "Mount a volume. Without a configuration the first run creates the volume \"default\": four backends as processes of this machine, 2+2, a local catalog.",
            "Stays in the foreground without -d; Ctrl-C or `qsfs umount MOUNTPOINT` ends it."
        })
public final class MountCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Parameters(paramLabel = "MOUNTPOINT", description = "An empty directory; it is created when it does not exist.")
    private @Nullable Path mountpoint;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(
            names = {"-d", "--detach"},
            description = "Run in the background; returns when the mount answers.")
    private boolean detach;

    @Option(
            names = "--supervise",
            description = "Run the daemon as a process of its own and start it again when it crashes.")
    private boolean supervise;

    @Option(names = "--read-only", description = "Refuse all changes.")
    private boolean readOnly;

    @Option(
            names = "--fuse",
            paramLabel = "BINDING",
            description = "How to speak to the kernel: jnr, kernel or auto (default: what the configuration says).")
    private @Nullable Binding binding;

    @Option(
            names = "--takeover",
            description =
                    "Become the writer though another machine holds the volume. It loses what it has not published.")
    private boolean takeOver;

    @Option(
            names = "--discard-local",
            description = "Drop local state that is not the catalog's, with everything in it that was not published.")
    private boolean discardLocal;

    @Option(
            names = "--repair",
            description =
                    "Leave out what is damaged of a journal that cannot be replayed and of which nothing is stored.")
    private boolean repair;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2m",
            description = "With -d: how long the mount may take to answer (default: ${DEFAULT-VALUE}).")
    private String timeout = "2m";

    MountCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Duration limit = Quantity.duration(timeout)
                .orElseThrow(() -> new CommandFailure(
                        CommandFailure.USAGE, "--timeout: found \"" + timeout + "\", expected a duration such as 2m"));
        Path where = Objects.requireNonNull(mountpoint).toAbsolutePath().normalize();
        Path file = volume.configFile(home);
        if (!volume.namesConfig() && !Files.exists(file)) {
            console.say(FirstVolume.create(file, home));
            console.out().flush();
        }
        Config config = volume.read(home);
        createMountpoint(where);
        if (detach) {
            new DetachedStart(Launcher.ofThisProcess(), home.volume(config.volume()))
                    .run(arguments(where, file, Start.DETACHED), limit);
            console.say("mounted " + config.volume() + " at " + where);
        } else if (supervise) {
            console.out().flush();
            return new Supervisor(Launcher.ofThisProcess(), home.volume(config.volume()), console::complain)
                    .run(arguments(where, file, Start.FIRST), arguments(where, file, Start.AGAIN));
        } else {
            VolumeDaemon.Request request = new VolumeDaemon.Request(
                    where, Optional.ofNullable(binding), readOnly, takeOver, discardLocal, repair);
            new VolumeDaemon(config, home, request).run(() -> {
                console.say("mounted " + config.volume() + " at " + where);
                console.out().flush();
            });
        }
        return CommandFailure.DONE;
    }

    /** A stale mount at the path answers every look with an error; the daemon takes it away, so it counts as existing. */
    private static void createMountpoint(Path where) throws CommandFailure {
        try {
            if (Files.notExists(where)) {
                Files.createDirectories(where);
            }
        } catch (java.io.IOException e) {
            throw new CommandFailure(
                    "mountpoint " + where + " does not exist and cannot be created: " + e.getMessage(), e);
        }
    }

    /** Which process the arguments are for. */
    private enum Start {
        /** In the background: the daemon, or its supervisor. */
        DETACHED,
        /** The daemon, by its supervisor. */
        FIRST,
        /** The same after a crash: what was decided for the first start is done. */
        AGAIN
    }

    private List<String> arguments(Path where, Path file, Start start) {
        List<String> arguments = new ArrayList<>(List.of("mount", where.toString(), "--config", file.toString()));
        if (readOnly) {
            arguments.add("--read-only");
        }
        if (binding != null) {
            arguments.add("--fuse=" + binding.name().toLowerCase(Locale.ROOT));
        }
        if (supervise && start == Start.DETACHED) {
            arguments.add("--supervise");
        }
        if (start == Start.AGAIN) {
            return arguments;
        }
        if (takeOver) {
            arguments.add("--takeover");
        }
        if (repair) {
            arguments.add("--repair");
        }
        if (discardLocal) {
            arguments.add("--discard-local");
        }
        return arguments;
    }
}
