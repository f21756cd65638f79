package org.qsfs.cli.command;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.volume.CatalogConnection;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.dump.CatalogDump;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code qsfs catalog import}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Fill the empty catalog of a configuration from a copy that `qsfs catalog export` wrote, for instance to move from a local one to etcd.",
            "After an old copy the next mount or restore notices what was published since; `qsfs catalog rebuild` brings it in."
        })
public final class CatalogImportCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Parameters(paramLabel = "FILE", description = "A file that `qsfs catalog export` wrote.")
    private @Nullable Path file;

    CatalogImportCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        try (Catalog catalog = CatalogConnection.open(config)) {
            catalog.checkWritable();
            CatalogDump dump = CatalogDump.load(catalog, Objects.requireNonNull(file), "catalog-import");
            console.say("filled " + catalog + " with " + dump.entries() + " entries of epoch " + dump.epoch());
        } catch (IllegalStateException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        return CommandFailure.DONE;
    }
}
