package org.qsfs.cli.command;

import java.util.Locale;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Check a mounted volume: names, links, sizes and extents against each other. Exit code 1 when something is wrong.")
public final class CheckCommand extends DaemonCommand {
    @Option(names = "--content", description = "Also read every block of every file and verify its checksum.")
    private boolean content;

    CheckCommand(Console console, Home home) {
        super(console, home, "check");
    }

    @Override
    ObjectNode arguments() {
        return Json.object().put("content", content);
    }

    @Override
    void print(JsonNode result) {
        for (JsonNode finding : result.path("findings")) {
            say(finding.path("severity").asString("") + ": "
                    + finding.path("subject").asString("") + ": "
                    + finding.path("message").asString(""));
        }
        long count = result.path("count").asLong(0);
        say(String.format(
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
    }
}
