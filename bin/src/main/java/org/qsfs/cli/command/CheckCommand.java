package org.qsfs.cli.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code qsfs check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Check a mounted volume: names, links, sizes and extents against each other. Exit code 1 when something is wrong.")
public final class CheckCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--content", description = "Also read every block of every file and verify its checksum.")
    private boolean content;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    CheckCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = volume.call(home, "check", Json.object().put("content", content), bar);
        }
        JsonNode result = reply.result();
        if (json) {
            console.say(result);
            return reply.exit();
        }
        for (JsonNode finding : result.path("findings")) {
            console.say(finding.path("severity").asString("") + ": "
                    + finding.path("subject").asString("") + ": "
                    + finding.path("message").asString(""));
        }
        long count = result.path("count").asLong(0);
        console.say(String.format(
                Locale.ROOT,
                "%s: %d inodes, %d directories, %d names, %d extents, %s%s",
                count == 0 ? "clean" : count + " findings",
                result.path("inodes").asLong(0),
                result.path("directories").asLong(0),
                result.path("names").asLong(0),
                result.path("extents").asLong(0),
                Quantity.humanSize(result.path("bytes").asLong(0)),
                content
                        ? ", "
                                + Quantity.humanSize(
                                        result.path("verified_bytes").asLong(0)) + " verified"
                        : ""));
        return reply.exit();
    }
}
