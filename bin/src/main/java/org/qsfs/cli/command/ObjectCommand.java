package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.daemon.ObjectSession;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code qsfs object list|delete}. */
@Command(name = "object", mixinStandardHelpOptions = true, description = "The single files that `qsfs store` stored.")
public final class ObjectCommand implements Runnable {
    private final Console console;
    private final Home home;

    @Spec
    private @Nullable CommandSpec spec;

    ObjectCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "say what to do: qsfs object list, or qsfs object delete FILE");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Path, size and checksum of every file.")
    int list(
            @Mixin VolumeOptions volume,
            @Option(names = "--json", description = "Print the list as JSON.") boolean json)
            throws Exception {
        try (ObjectSession session = ObjectSession.forReading(volume.read(home), home)) {
            AdminReply reply = session.objects().list();
            if (json) {
                console.say(reply.result());
                return reply.exit();
            }
            for (JsonNode object : reply.result().path("objects")) {
                console.say(object.path("checksum").asString("?") + "  "
                        + Quantity.humanSize(object.path("bytes").asLong(0)) + "  "
                        + object.path("path").asString("?"));
            }
            return reply.exit();
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Delete a file from the backends. Exit code 1 when there was none.")
    int delete(@Mixin VolumeOptions volume, @Mixin ObjectFile file) throws Exception {
        try (ProgressBar bar = ProgressBar.on(console);
                ObjectRequest request = ObjectRequest.begin(volume.read(home), home, bar)) {
            boolean deleted =
                    request.delete(file.name()).result().path("deleted").asBoolean(false);
            if (!deleted) {
                throw new CommandFailure("nothing is stored under " + file.requiredPath());
            }
            console.say("deleted    " + file.requiredPath());
            return CommandFailure.DONE;
        }
    }
}
