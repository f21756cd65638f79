package org.qsfs.cli.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.daemon.ObjectSession;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code qsfs retrieve}. */
@Command(
        name = "retrieve",
        mixinStandardHelpOptions = true,
        description =
                "Bring a file back that `qsfs store` stored, with its permissions and modification time. It appears whole or not at all.")
public final class RetrieveCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Mixin
    private final ObjectFile file = new ObjectFile();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PATH",
            description = "Where to put it (default: the path it was stored under).")
    private @Nullable Path output;

    RetrieveCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Path target = output == null ? file.requiredPath() : output.toAbsolutePath();
        try (ProgressBar bar = ProgressBar.on(console);
                ObjectSession session = ObjectSession.forReading(volume.read(home), home)) {
            bar.report("retrieving", 0, 0, "");
            JsonNode object = session.objects().retrieve(file.name(), target).result();
            console.say("retrieved  " + target + "  "
                    + Quantity.humanSize(object.path("bytes").asLong(0)) + "  "
                    + object.path("checksum").asString("?"));
        }
        return CommandFailure.DONE;
    }
}
