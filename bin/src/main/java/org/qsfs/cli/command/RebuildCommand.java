package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code qsfs rebuild}. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description =
                "Store a single file once more as the configuration is now. Its content comes from the backends; of use after the numbers of shards were changed.")
public final class RebuildCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Mixin
    private final ObjectFile file = new ObjectFile();

    RebuildCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        try (ProgressBar bar = ProgressBar.on(console);
                ObjectRequest request = ObjectRequest.begin(volume.read(home), home, bar)) {
            bar.report("rebuilding", 0, 0, "");
            console.say("rebuilt    "
                    + request.rebuild(file.name()).result().path("path").asString("?"));
        }
        return CommandFailure.DONE;
    }
}
