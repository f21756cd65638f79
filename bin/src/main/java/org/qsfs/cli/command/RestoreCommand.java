package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.daemon.Restore;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Bring a volume back on a machine that has nothing of it but the configuration and the secret: everything that was published.",
            "File contents are fetched from the backends when they are read."
        })
public final class RestoreCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(
            names = "--takeover",
            description =
                    "Become the writer though the lost machine's lease has not expired yet. If it still lives, it loses what it has not published.")
    private boolean takeOver;

    RestoreCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        String report;
        try (ProgressBar bar = ProgressBar.on(console)) {
            bar.report("restoring the published state", 0, 0, "");
            report = new Restore(config, home).run(takeOver);
        }
        console.say(report);
        return CommandFailure.DONE;
    }
}
