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

/** {@code qsfs catalog export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Copy the catalog to a file. The volume may be mounted meanwhile.",
            "Records stay sealed: the file is of no use without the volume's secret."
        })
public final class CatalogExportCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
    private @Nullable Path file;

    CatalogExportCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        Path target = Objects.requireNonNull(file).toAbsolutePath().normalize();
        try (Catalog catalog = CatalogConnection.open(config)) {
            CatalogDump dump = CatalogDump.write(catalog, target);
            console.say("wrote " + dump.entries() + " entries of epoch " + dump.epoch() + " to " + target);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw new CommandFailure(target + " exists already; name a new file", e);
        }
        return CommandFailure.DONE;
    }
}
