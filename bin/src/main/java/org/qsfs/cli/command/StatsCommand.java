package org.qsfs.cli.command;

import java.util.Map;
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

/** {@code qsfs stats}. */
@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description = "What was read from and written to the backends since the mount.")
public final class StatsCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--json", description = "Print everything as JSON.")
    private boolean json;

    StatsCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply = volume.call(home, "stats", Json.object(), Progress.NONE);
        if (json) {
            console.say(reply.result());
            return reply.exit();
        }
        for (String part : new String[] {"reads", "uploads", "repair"}) {
            for (Map.Entry<String, JsonNode> field : reply.result().path(part).properties()) {
                long value = field.getValue().asLong(0);
                console.say(part + " " + field.getKey().replace('_', ' ') + ": "
                        + (field.getKey().endsWith("_bytes") ? Quantity.humanSize(value) : Long.toString(value)));
            }
        }
        for (JsonNode upload : reply.result().path("running")) {
            console.say("uploading " + upload.path("segment").asString("?") + ": stripe "
                    + upload.path("stripes_done").asLong(0) + " of "
                    + upload.path("stripes").asLong(0));
        }
        return reply.exit();
    }
}
