package org.qsfs.cli.command;

import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "What the volume holds, what is not stored yet, how its backends are. Exit code 3 when something is degraded.")
public final class StatusCommand extends DaemonCommand {
    StatusCommand(Console console, Home home) {
        super(console, home, "status");
    }

    @Override
    void print(JsonNode status) {
        say("volume      " + status.path("volume").asString("?") + " at "
                + status.path("mountpoint").asString("?") + " ("
                + status.path("state").asString("?") + ")");
        JsonNode segments = status.path("segments");
        say("segments    " + segments.path("open").asLong(0) + " open, "
                + segments.path("closed").asLong(0) + " closed, "
                + segments.path("uploading").asLong(0) + " uploading, "
                + segments.path("stored").asLong(0) + " stored, "
                + segments.path("degraded").asLong(0) + " degraded, "
                + segments.path("evicted").asLong(0) + " evicted");
        JsonNode bytes = status.path("bytes");
        say("bytes       " + Quantity.humanSize(bytes.path("dirty").asLong(0)) + " dirty, "
                + Quantity.humanSize(bytes.path("not_stored").asLong(0)) + " not stored, "
                + Quantity.humanSize(bytes.path("cache").asLong(0)) + " cached");
        say("published   " + status.path("last_published").asString("never"));
        JsonNode orphans = status.path("orphans");
        if (!orphans.path("last_collection").asString("").isEmpty()) {
            say("orphans     looked for at " + orphans.path("last_collection").asString("") + ", "
                    + orphans.path("deleted_shards").asLong(0) + " shards deleted since the mount");
        }
        for (JsonNode backend : status.path("backends")) {
            say("backend     " + backend.path("id").asString("?") + "  "
                    + backend.path("address").asString("?") + "  "
                    + backend.path("group").asString("?") + "  "
                    + backend.path("state").asString("?"));
        }
        for (JsonNode warning : status.path("warnings")) {
            say("warning     " + warning.asString(""));
        }
    }
}
