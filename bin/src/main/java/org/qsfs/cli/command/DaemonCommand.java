package org.qsfs.cli.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A command that one request to the volume's daemon answers. The daemon decides on the exit code; while it works a terminal shows its progress. With {@code --json} the
 * answer is printed as it came.
 */
abstract class DaemonCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;
    private final String request;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** @param request its name on the admin socket */
    DaemonCommand(Console console, Home home, String request) {
        this.console = console;
        this.home = home;
        this.request = request;
    }

    /** What goes with the request. */
    ObjectNode arguments() {
        return Json.object();
    }

    /** Has the request answered. */
    AdminReply answer(Progress progress) throws Exception {
        return volume.call(home, request, request(), progress);
    }

    /** The configuration of the volume that is meant. */
    final Config config() throws IOException, ConfigException, CommandFailure {
        return volume.read(home);
    }

    final Home home() {
        return home;
    }

    /** The arguments, where making them may fail. */
    ObjectNode request() throws IOException, CommandFailure {
        return arguments();
    }

    /** Prints the answer for people. */
    abstract void print(JsonNode result);

    final void say(String line) {
        console.say(line);
    }

    @Override
    public final Integer call() throws Exception {
        AdminReply reply;
        try (ProgressBar bar = ProgressBar.on(console)) {
            reply = answer(bar);
        }
        if (json) {
            console.say(reply.result());
        } else {
            print(reply.result());
        }
        return reply.exit();
    }
}
