package org.qsfs.cli.command;

import java.util.Map;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs stats}. */
@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description = "What was read from and written to the backends since the mount.")
public final class StatsCommand extends DaemonCommand {
    StatsCommand(Console console, Home home) {
        super(console, home, "stats");
    }

    @Override
    void print(JsonNode result) {
        for (String part : new String[] {"reads", "uploads", "repair"}) {
            for (Map.Entry<String, JsonNode> field : result.path(part).properties()) {
                long value = field.getValue().asLong(0);
                say(part + " " + field.getKey().replace('_', ' ') + ": "
                        + (field.getKey().endsWith("_bytes") ? Quantity.humanSize(value) : Long.toString(value)));
            }
        }
        for (JsonNode upload : result.path("running")) {
            say("uploading " + upload.path("segment").asString("?") + ": stripe "
                    + upload.path("stripes_done").asLong(0) + " of "
                    + upload.path("stripes").asLong(0));
        }
    }
}
