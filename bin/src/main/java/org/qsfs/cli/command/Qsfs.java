package org.qsfs.cli.command;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;

import org.jspecify.annotations.Nullable;
import org.qsfs.cli.home.Home;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command and the list of the others. */
@Command(
        name = "qsfs",
        mixinStandardHelpOptions = true,
        versionProvider = Qsfs.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "A POSIX filesystem that never fills up and never loses data.",
        footer = {
            "",
            "Start with:  qsfs mount /mnt/qsfs -d",
            "All state lives in QSFS_HOME (default /var/lib/qsfs for root, else ~/.local/share/qsfs).",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 degraded."
        })
public final class Qsfs implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    /** The whole command line: every command knows where to write and where things lie. */
    public static CommandLine commandLine(Console console, Home home) {
        CommandLine all = new CommandLine(new Qsfs())
                .addSubcommand(new MountCommand(console, home))
                .addSubcommand(new UmountCommand(console, home))
                .addSubcommand(new StatusCommand(console, home))
                .addSubcommand(new FlushCommand(console, home))
                .addSubcommand(new StatsCommand(console, home))
                .addSubcommand(new CheckCommand(console, home))
                .addSubcommand(new RepairCommand(console, home))
                .addSubcommand(new ScrubCommand(console, home))
                .addSubcommand(new GcCommand(console, home))
                .addSubcommand(new CommandLine(new CacheCommand()).addSubcommand(new EvictCommand(console, home)))
                .addSubcommand(new InitCommand(console, home))
                .addSubcommand(new RestoreCommand(console, home))
                .addSubcommand(new CommandLine(new CatalogCommand())
                        .addSubcommand(new CatalogExportCommand(console, home))
                        .addSubcommand(new CatalogImportCommand(console, home))
                        .addSubcommand(new CatalogRebuildCommand(console, home)))
                .addSubcommand(new StoreCommand(console, home))
                .addSubcommand(new RetrieveCommand(console, home))
                .addSubcommand(new RebuildCommand(console, home))
                .addSubcommand(new ObjectCommand(console, home))
                .addSubcommand(BackendCommand.commandLine(console, home))
                .addSubcommand(new CommandLine(new ConfigCommand(console, home))
                        .addSubcommand(new ReloadCommand(console, home)))
                .addSubcommand(new CommandLine(new KeyCommand())
                        .addSubcommand(new KeyListCommand(console, home))
                        .addSubcommand(new KeyAddCommand(console, home))
                        .addSubcommand(new KeyRemoveCommand(console, home))
                        .addSubcommand(new KeyRotateCommand(console, home))
                        .addSubcommand(new KeyPublicCommand(console)))
                .addSubcommand(new CommandLine(new ImportCommand()).addSubcommand(new ImportZstorCommand(console)))
                .addSubcommand(new CommandLine(new ZdbCommand(console))
                        .setUnmatchedOptionsArePositionalParams(true)
                        .setStopAtPositional(true))
                .addSubcommand(new DoctorCommand(console, home))
                .addSubcommand(new CompletionCommand(console))
                .setOut(console.out())
                .setErr(console.err())
                .setUsageHelpAutoWidth(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
        all.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, CommandGroups::list);
        all.getHelpSectionMap().remove(SECTION_KEY_COMMAND_LIST_HEADING);
        return all;
    }

    @Override
    public void run() {
        CommandSpec own = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(own.commandLine(), "which command? `qsfs --help` lists them");
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Qsfs.class.getPackage().getImplementationVersion();
            return new String[] {"qsfs " + (version == null ? "(not built as a jar)" : version)};
        }
    }
}
