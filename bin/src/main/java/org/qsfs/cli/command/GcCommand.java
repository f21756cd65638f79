package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs gc}. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description = {
            "Delete shards on the backends that no record names.",
            "What is younger than a day, was written by a later writer or cannot be read is left. Exit code 3 when a backend could not be looked at."
        })
public final class GcCommand extends DaemonCommand {
    @Option(names = "--dry-run", description = "Tell what would be deleted.")
    private boolean dryRun;

    @Option(names = "--grace", paramLabel = "TIME", description = "Leave what is younger (default: 24h).")
    private @Nullable String grace;

    @Spec
    private @Nullable CommandSpec spec;

    GcCommand(Console console, Home home) {
        super(console, home, "gc");
    }

    @Override
    ObjectNode arguments() {
        ObjectNode arguments = super.arguments().put("dry_run", dryRun);
        String text = grace;
        return text == null
                ? arguments
                : arguments.put(
                        "grace_ms",
                        Quantity.duration(text)
                                .orElseThrow(() -> new ParameterException(
                                        Objects.requireNonNull(spec).commandLine(),
                                        "--grace: found \"" + text + "\", expected a time such as 24h"))
                                .toMillis());
    }

    @Override
    void print(JsonNode result) {
        say(result.path("shards").asLong(0) + " shards that no record names, "
                + Quantity.humanSize(result.path("bytes").asLong(0)) + "; "
                + result.path("deleted_shards").asLong(0) + " deleted. Left alone: "
                + result.path("young_shards").asLong(0) + " young, "
                + result.path("later_shards").asLong(0) + " of a later writer, "
                + result.path("unknown_shards").asLong(0) + " not readable");
        result.path("unreachable").forEach(backend -> say("not looked at: " + backend.asString("?")));
    }
}
