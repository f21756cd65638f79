package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs flush}. */
@Command(
        name = "flush",
        mixinStandardHelpOptions = true,
        description = "Store everything written so far on the backends and publish it, then return.")
public final class FlushCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    FlushCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = volume.call(home, "flush", Json.object(), bar);
        }
        if (json) {
            console.say(reply.result());
        } else {
            console.say("everything is stored; last published "
                    + reply.result().path("last_published").asString("never"));
        }
        return reply.exit();
    }
}
