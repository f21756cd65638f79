package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs key remove}. */
@Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description = {
            "Take a recipient out of the volume header.",
            "This is no revocation: whoever once unlocked the volume may have kept its keys. Rotate afterwards, and re-encrypt what they must not read any more."
        })
public final class KeyRemoveCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "The recipient, as `qsfs key list` shows it.")
    private @Nullable String name;

    @Option(names = "--force", description = "Remove even the one that this machine mounts the volume with.")
    private boolean force;

    KeyRemoveCommand(Console console, Home home) {
        super(console, home, "key-remove");
    }

    @Override
    ObjectNode arguments() {
        return super.arguments().put("name", Objects.requireNonNull(name)).put("force", force);
    }

    @Override
    void print(JsonNode result) {
        KeyListCommand.print(result, this::say);
    }
}
