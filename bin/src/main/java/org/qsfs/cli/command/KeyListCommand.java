package org.qsfs.cli.command;

import java.util.function.Consumer;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code qsfs key list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Show who can unlock the volume, and how many segments are under which master key.")
public final class KeyListCommand extends DaemonCommand {
    KeyListCommand(Console console, Home home) {
        super(console, home, "key-list");
    }

    @Override
    void print(JsonNode result) {
        print(result, this::say);
    }

    /** What every key command shows in the end. */
    static void print(JsonNode result, Consumer<String> out) {
        out.accept("generation " + result.path("generation").asLong(0) + " of the volume header");
        for (JsonNode recipient : result.path("recipients")) {
            out.accept("  %-20s %-10s %s%s"
                    .formatted(
                            recipient.path("name").asString("?"),
                            recipient.path("kind").asString("?"),
                            recipient.path("fingerprint").asString("?"),
                            recipient.path("this_machine").asBoolean(false) ? "   this machine mounts with it" : ""));
        }
        for (JsonNode version : result.path("versions")) {
            long number = version.path("version").asLong(0);
            out.accept("  master key %d: %d segments%s"
                    .formatted(
                            number,
                            version.path("segments").asLong(0),
                            number == result.path("current_version").asLong(0) ? ", and everything new" : ""));
        }
    }
}
