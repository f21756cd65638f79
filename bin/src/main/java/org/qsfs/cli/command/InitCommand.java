package org.qsfs.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.daemon.EmbeddedBackends;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.cli.volume.CatalogConnection;
import org.qsfs.cli.volume.KeySecret;
import org.qsfs.cli.volume.VolumeSetup;
import org.qsfs.metadata.Catalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code qsfs init}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Set up a new volume on the backends and the catalog of a configuration. Checks that its shards can be placed, makes its keys, stores its header.",
            "Writes volume_id and key_commitment into the configuration, which from then on accepts no other volume."
        })
public final class InitCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    InitCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        VolumeSetup.checkPlacement(config);
        try (EmbeddedBackends backends = EmbeddedBackends.start(config, home);
                Catalog catalog = CatalogConnection.open(config)) {
            VolumeSetup.prepareCatalog(config);
            if (VolumeSetup.existing(config, catalog).isPresent()) {
                throw new CommandFailure("volume \"" + config.volume() + "\" exists already in " + catalog
                        + "; mount it, or take another volume name or another prefix under [meta.config]");
            }
            VolumeSetup.Made made = VolumeSetup.create(config, home, catalog);
            report(config, made.identity(), backends.size());
            for (String away : made.away()) {
                console.say("not reached, will be set up when it comes: " + away);
            }
        }
        return CommandFailure.DONE;
    }

    private void report(Config config, Config.Identity made, int embedded) throws java.io.IOException {
        console.say("created volume \"" + config.volume() + "\" (" + made.volumeId() + "), "
                + config.redundancy() + " on " + config.backends().size() + " backends"
                + (embedded > 0 ? ", " + embedded + " of them embedded" : ""));
        console.say("  configuration  " + config.source() + " (volume_id and key_commitment were added)");
        console.say("  secret         " + KeySecret.file(config, home)
                + "   ← keep a copy elsewhere: without it the data cannot be read");
        Path usual = home.config();
        if (!Files.exists(usual)) {
            PrivateFiles.write(usual, Files.readString(config.source()));
            console.say("  copied to      " + usual + ", which every command takes by default");
            console.say("mount it with: qsfs mount DIRECTORY -d");
        } else if (usual.equals(config.source())) {
            console.say("mount it with: qsfs mount DIRECTORY -d");
        } else {
            console.say("mount it with: qsfs mount DIRECTORY -d --config " + config.source());
        }
    }
}
