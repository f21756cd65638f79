package org.qsfs.cli.command;

import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs config reload}. */
@Command(
        name = "reload",
        mixinStandardHelpOptions = true,
        description =
                "Have the daemon use the changed configuration, as SIGHUP does. It is checked first, and refused whole when something is wrong.")
public final class ReloadCommand extends DaemonCommand {
    ReloadCommand(Console console, Home home) {
        super(console, home, "reload");
    }

    @Override
    void print(JsonNode result) {
        if (result.path("now").isEmpty() && result.path("next_mount").isEmpty()) {
            say("nothing has changed");
        }
        result.path("now").forEach(key -> say("in use now: " + key.asString("?")));
        result.path("next_mount").forEach(key -> say("at the next mount: " + key.asString("?")));
    }
}
