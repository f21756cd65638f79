package org.qsfs.cli.command;

import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs scrub}. */
@Command(
        name = "scrub",
        mixinStandardHelpOptions = true,
        description = {
            "Read every value of every shard, parity included, check its MAC, and make damaged ones again.",
            "The daemon does so by itself (scrub_check_interval, scrub_read_interval). Exit code 3 when something could not be looked at or not be repaired."
        })
public final class ScrubCommand extends DaemonCommand {
    @Option(
            names = "--subset",
            paramLabel = "I/N",
            description = "Look at every Nth segment only; 1/7, 2/7 … 7/7 together are everything.")
    private String subset = "";

    @Option(
            names = "--quick",
            description = "Have the backends compare values with their own checksums instead of fetching them.")
    private boolean quick;

    ScrubCommand(Console console, Home home) {
        super(console, home, "scrub");
    }

    @Override
    ObjectNode arguments() {
        return super.arguments().put("subset", subset).put("quick", quick);
    }

    @Override
    void print(JsonNode result) {
        for (JsonNode damaged : result.path("damaged")) {
            say("damaged: segment " + damaged.path("segment").asString("?") + " shard "
                    + damaged.path("shard").asLong(0) + " on "
                    + damaged.path("backend").asString("?") + ", "
                    + damaged.path("values").asLong(0) + " values");
        }
        say(result.path("segments").asLong(0) + " segments, "
                + result.path("shards").asLong(0) + " shards, "
                + Quantity.humanSize(result.path("bytes").asLong(0)) + " read: "
                + result.path("damaged_shards").asLong(0) + " shards damaged, "
                + result.path("unreachable_shards").asLong(0) + " not reachable, "
                + result.path("repaired_segments").asLong(0) + " segments repaired, "
                + result.path("unrepaired_segments").asLong(0) + " not");
    }
}
