package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs repair}. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description =
                "Make missing shards again, now; the daemon does so by itself from time to time. Exit code 3 when some segments stay degraded.")
public final class RepairCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    RepairCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = volume.call(home, "repair", Json.object(), bar);
        }
        if (json) {
            console.say(reply.result());
        } else {
            console.say(reply.result().path("stored").asLong(0) + " segments have all their shards, "
                    + reply.result().path("degraded").asLong(0) + " are degraded");
        }
        return reply.exit();
    }
}
