package org.qsfs.cli.command;

import java.util.concurrent.Callable;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.ConfigText;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code qsfs config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Check the configuration and print it with every default filled in, secrets masked.")
public final class ConfigCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    ConfigCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        console.say("# " + config.source());
        console.out().print(ConfigText.masked(config));
        return 0;
    }
}
