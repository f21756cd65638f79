package org.qsfs.cli.command;

import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs flush}. */
@Command(
        name = "flush",
        mixinStandardHelpOptions = true,
        description = "Store everything written so far on the backends and publish it, then return.")
public final class FlushCommand extends DaemonCommand {
    FlushCommand(Console console, Home home) {
        super(console, home, "flush");
    }

    @Override
    void print(JsonNode result) {
        say("everything is stored; last published "
                + result.path("last_published").asString("never"));
    }
}
