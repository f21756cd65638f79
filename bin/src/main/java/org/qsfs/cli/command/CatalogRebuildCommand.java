package org.qsfs.cli.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.daemon.EmbeddedBackends;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.VolumeLock;
import org.qsfs.cli.volume.CatalogRebuild;
import org.qsfs.stor.segment.Head;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qsfs catalog rebuild}. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = {
            "Make a lost catalog again, or complete one that was set back, from nothing but the backends and the volume's secret.",
            "Lists every backend and reads one value per segment. Exit code 3 when something was not found or could not be asked: run it again when all backends are back."
        })
public final class CatalogRebuildCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Option(
            names = "--takeover",
            description = "Do so though another machine holds the volume. It loses what it has not published.")
    private boolean takeOver;

    @Option(
            names = "--accept-loss",
            description = "What is not found now will not come back: `qsfs gc` may delete the rest of it.")
    private boolean acceptLoss;

    CatalogRebuildCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Config config = volume.read(home);
        Optional<VolumeLock> lock = VolumeLock.acquire(home.volume(config.volume()));
        if (lock.isEmpty()) {
            throw new CommandFailure(
                    "volume \"" + config.volume() + "\" is mounted here, or another command uses it; unmount it first");
        }
        CatalogRebuild.Report report;
        try (VolumeLock _ = lock.get();
                EmbeddedBackends backends = EmbeddedBackends.start(config, home);
                ProgressBar bar = ProgressBar.on(console)) {
            bar.report("rebuilding the catalog", 0, backends.size(), "");
            report = new CatalogRebuild(config, home, bar).run(takeOver, acceptLoss);
        }
        print(config, report);
        return (report.isComplete() || acceptLoss) && (report.head().isPresent() || report.objects() > 0)
                ? CommandFailure.DONE
                : CommandFailure.DEGRADED;
    }

    private void print(Config config, CatalogRebuild.Report report) {
        console.say("catalog of volume \"" + config.volume() + "\" (" + report.volume() + "): "
                + report.records().written() + " segment records written, "
                + report.records().kept() + " kept, " + report.records().removed() + " removed");
        console.say(report.head()
                .map(head -> (report.before().filter(head::equals).isPresent()
                                ? "  head       as it was: "
                                : "  head       ")
                        + describe(head))
                .orElse("  head       none: no chain of journal segments is complete"));
        if (report.objects() > 0) {
            console.say("  objects    " + report.objects() + " single files");
        }
        if (report.unreadable() > 0) {
            console.say("  unreadable " + report.unreadable() + " segments: fewer shards than are needed were found");
        }
        if (report.unknown() > 0) {
            console.say("  unproved   " + report.unknown() + " attempts: none of their values has a right MAC");
        }
        report.notAsked().forEach(failure -> console.say("  not asked  " + failure));
        if (!report.isComplete() && !acceptLoss) {
            console.say(
                    "  incomplete `qsfs gc` deletes nothing until this is run again with everything there, or with --accept-loss");
        }
        console.say(
                "go on with: qsfs restore   or, where this machine still has its local state: qsfs mount DIRECTORY -d");
    }

    private static String describe(Head head) {
        return "journal segment " + head.lastMeta() + ", published " + head.published();
    }
}
