package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs key rotate}. */
@Command(
        name = "rotate",
        mixinStandardHelpOptions = true,
        description = {
            "Seal everything new under a new master key. What is stored stays readable under its old one.",
            "With --reencrypt every stored segment is then encrypted again; that reads and writes everything once, while the volume is in use."
        })
public final class KeyRotateCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(names = "--reencrypt", description = "Encrypt stored segments again too.")
    private boolean reencrypt;

    @Option(
            names = "--only-reencrypt",
            description = "Make no new master key; go on with what an earlier --reencrypt left.")
    private boolean only;

    KeyRotateCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        try (ProgressBar bar = ProgressBar.on(console)) {
            if (!only) {
                AdminReply rotated = volume.call(home, "key-rotate", Json.object(), bar);
                KeyListCommand.print(rotated.result(), console::say);
            }
            if (!reencrypt && !only) {
                return CommandFailure.DONE;
            }
            AdminReply reply = volume.call(home, "key-reencrypt", Json.object(), bar);
            long left = reply.result().path("left").asLong(0);
            console.say(
                    reply.result().path("done").asLong(0) + " segments encrypted again"
                            + (left == 0
                                    ? ""
                                    : "; " + left
                                            + " not yet, because a backend is away or a shard is missing: run `qsfs key rotate --only-reencrypt` later"));
            return reply.exit();
        }
    }
}
