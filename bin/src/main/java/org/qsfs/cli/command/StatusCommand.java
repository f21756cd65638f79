package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code qsfs status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "What the volume holds, what is not stored yet, how its backends are. Exit code 3 when something is degraded.")
public final class StatusCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--json", description = "Print everything as JSON.")
    private boolean json;

    StatusCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply = volume.call(home, "status", Json.object(), Progress.NONE);
        if (json) {
            console.say(reply.result());
        } else {
            print(reply.result());
        }
        return reply.exit();
    }

    private void print(JsonNode status) {
        console.say("volume      " + status.path("volume").asString("?") + " at "
                + status.path("mountpoint").asString("?") + " ("
                + status.path("state").asString("?") + ")");
        JsonNode segments = status.path("segments");
        console.say("segments    " + segments.path("open").asLong(0) + " open, "
                + segments.path("closed").asLong(0) + " closed, "
                + segments.path("uploading").asLong(0) + " uploading, "
                + segments.path("stored").asLong(0) + " stored, "
                + segments.path("degraded").asLong(0) + " degraded, "
                + segments.path("evicted").asLong(0) + " evicted");
        JsonNode bytes = status.path("bytes");
        console.say("bytes       " + Quantity.humanSize(bytes.path("dirty").asLong(0)) + " dirty, "
                + Quantity.humanSize(bytes.path("not_stored").asLong(0)) + " not stored, "
                + Quantity.humanSize(bytes.path("cache").asLong(0)) + " cached");
        console.say("published   " + status.path("last_published").asString("never"));
        for (JsonNode backend : status.path("backends")) {
            console.say("backend     " + backend.path("id").asString("?") + "  "
                    + backend.path("address").asString("?") + "  "
                    + backend.path("group").asString("?") + "  "
                    + backend.path("state").asString("?"));
        }
        for (JsonNode warning : status.path("warnings")) {
            console.say("warning     " + warning.asString(""));
        }
    }
}
