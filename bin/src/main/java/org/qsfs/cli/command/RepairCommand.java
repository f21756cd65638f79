package org.qsfs.cli.command;

import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs repair}. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description =
                "Make missing shards again, now; the daemon does so by itself from time to time. Exit code 3 when some segments stay degraded.")
public final class RepairCommand extends DaemonCommand {
    RepairCommand(Console console, Home home) {
        super(console, home, "repair");
    }

    @Override
    void print(JsonNode result) {
        say(result.path("stored").asLong(0) + " segments have all their shards, "
                + result.path("degraded").asLong(0) + " are degraded");
    }
}
