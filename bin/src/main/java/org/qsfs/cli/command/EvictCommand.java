package org.qsfs.cli.command;

import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs cache evict}. */
@Command(
        name = "evict",
        mixinStandardHelpOptions = true,
        description =
                "Drop local copies of segments that every one of their backends confirms to hold. Files stay readable: what is missing is fetched.")
public final class EvictCommand extends DaemonCommand {
    @Option(names = "--all", required = true, description = "Every segment that is stored, whatever the cache size.")
    private boolean all;

    EvictCommand(Console console, Home home) {
        super(console, home, "evict");
    }

    @Override
    ObjectNode arguments() {
        return Json.object().put("all", all);
    }

    @Override
    void print(JsonNode result) {
        say("evicted " + result.path("segments").asLong(0) + " segments, "
                + Quantity.humanSize(result.path("bytes").asLong(0)) + " freed; kept "
                + result.path("kept").asLong(0));
    }
}
