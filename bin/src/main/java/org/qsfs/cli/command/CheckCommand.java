package org.qsfs.cli.command;

import java.util.Locale;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.daemon.ObjectSession;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Check a mounted volume: names, links, sizes and extents against each other. Exit code 1 when something is wrong.",
            "With FILE: whether `qsfs store` stored it. Prints its checksum (b2sum -l 128); exit code 1 when it is not stored, 3 when it lacks shards."
        })
public final class CheckCommand extends DaemonCommand {
    @Option(names = "--content", description = "Also read every block of every file and verify its checksum.")
    private boolean content;

    @Mixin
    private final ObjectFile file = new ObjectFile();

    CheckCommand(Console console, Home home) {
        super(console, home, "check");
    }

    @Override
    ObjectNode arguments() {
        return Json.object().put("content", content);
    }

    @Override
    AdminReply answer(Progress progress) throws Exception {
        if (file.path().isEmpty()) {
            return super.answer(progress);
        }
        try (ObjectSession session = ObjectSession.forReading(config(), home())) {
            return session.objects().check(file.name());
        }
    }

    @Override
    void print(JsonNode result) {
        if (result.has("stored")) {
            printObject(result);
        } else {
            printVolume(result);
        }
    }

    private void printObject(JsonNode object) {
        if (!object.path("stored").asBoolean(false)) {
            say("not stored");
            return;
        }
        long degraded = object.path("degraded").asLong(0);
        long lost = object.path("lost").asLong(0);
        say(object.path("checksum").asString("?") + "  " + object.path("path").asString("?")
                + (degraded + lost == 0
                        ? ""
                        : "  of " + object.path("pieces").asLong(0) + " pieces " + degraded + " are degraded, " + lost
                                + " lost"));
    }

    private void printVolume(JsonNode result) {
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
