package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs cache evict}. */
@Command(
        name = "evict",
        mixinStandardHelpOptions = true,
        description =
                "Drop local copies of segments that every one of their backends confirms to hold. Files stay readable: what is missing is fetched.")
public final class EvictCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--all", required = true, description = "Every segment that is stored, whatever the cache size.")
    private boolean all;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    EvictCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = volume.call(home, "evict", Json.object().put("all", all), bar);
        }
        if (json) {
            console.say(reply.result());
        } else {
            console.say("evicted " + reply.result().path("segments").asLong(0) + " segments, "
                    + Quantity.humanSize(reply.result().path("bytes").asLong(0)) + " freed; kept "
                    + reply.result().path("kept").asLong(0));
        }
        return reply.exit();
    }
}
