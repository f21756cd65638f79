package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.ZstorConfigFile;
import org.qsfs.stor.zstor.ZstorArchive;
import org.qsfs.stor.zstor.ZstorException;
import org.qsfs.stor.zstor.ZstorPath;
import org.qsfs.stor.zstor.ZstorRecord;
import org.qsfs.stor.zstor.ZstorSettings;
import org.qsfs.zdb.client.ZdbTimeouts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qsfs import zstor}. */
@Command(
        name = "zstor",
        mixinStandardHelpOptions = true,
        description = {
            "Restore files that zstor (0-stor_v2) stored. Nothing is written to its backends.",
            "zstor keeps hashes of paths, not paths: say which files to bring back by FILE or --under, or take what is left by its hash with --all."
        })
public final class ImportZstorCommand implements Callable<Integer> {
    /** Data files are numbered from 0; a gap this long ends the search. */
    private static final int LONGEST_GAP = 1000;

    private final Console console;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "zstor's configuration file.")
    private @Nullable Path config;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description = "Restore below this directory instead of to the original paths.")
    private @Nullable Path to;

    @Option(
            names = "--under",
            paramLabel = "DIR",
            description =
                    "Everything of a zdb namespace's directory: DIR/zdb-namespace, DIR/d0, DIR/i0 and so on. May be given several times.")
    private List<Path> under = List.of();

    @Option(
            names = "--all",
            description = "Every object; those whose path is not known get their hash as name. Needs --to.")
    private boolean all;

    @Option(names = "--list", description = "Only list the objects: hash, checksum (b2sum -l 128), shards.")
    private boolean list;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Absolute path under which zstor stored a file.")
    private List<Path> files = List.of();

    ImportZstorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        ZstorSettings settings = ZstorConfigFile.read(Objects.requireNonNull(config));
        if (all && to == null) {
            throw new CommandFailure(CommandFailure.USAGE, "--all needs --to DIR, where objects of unknown path go");
        }
        if (files.isEmpty() && under.isEmpty() && !all && !list) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    "say what to restore: FILE, --under DIR or --all; --list shows what there is");
        }
        try (ZstorArchive archive = new ZstorArchive(settings, ZdbTimeouts.DEFAULT)) {
            return list ? list(archive) : restore(archive, settings);
        }
    }

    private int list(ZstorArchive archive) throws ZstorException {
        int unreadable = 0;
        for (String hash : archive.hashes()) {
            try {
                Optional<ZstorRecord> record = archive.find(hash);
                record.ifPresent(found -> console.say(
                        hash + "  " + found.checksumText() + "  " + found.dataShards() + "+" + found.parityShards()));
            } catch (ZstorException e) {
                unreadable++;
                console.complain(String.valueOf(e.getMessage()));
            }
        }
        return unreadable == 0 ? CommandFailure.DONE : CommandFailure.FAILED;
    }

    private int restore(ZstorArchive archive, ZstorSettings settings) throws IOException, InterruptedException {
        List<String> problems = new ArrayList<>();
        Map<String, Path> wanted = wanted(archive, settings, problems);
        int restored = 0;
        try (ProgressBar bar = ProgressBar.on(console)) {
            for (Map.Entry<String, Path> object : wanted.entrySet()) {
                bar.report("restoring", restored, wanted.size(), "files");
                try {
                    Optional<ZstorRecord> record = archive.find(object.getKey());
                    if (record.isEmpty()) {
                        problems.add(object.getValue() + ": zstor has no object " + object.getKey());
                    } else {
                        archive.restore(record.get(), object.getValue());
                        restored++;
                    }
                } catch (IOException e) {
                    problems.add(object.getValue() + ": " + e.getMessage());
                }
            }
        }
        problems.forEach(console::complain);
        console.say("restored " + restored + " of " + wanted.size() + " files");
        return problems.isEmpty() ? CommandFailure.DONE : CommandFailure.FAILED;
    }

    /** Hash of each object to restore, and where it goes. */
    private Map<String, Path> wanted(ZstorArchive archive, ZstorSettings settings, List<String> problems)
            throws ZstorException {
        Map<String, Path> wanted = new LinkedHashMap<>();
        for (Path file : files) {
            Path absolute = file.toAbsolutePath();
            try {
                wanted.put(ZstorPath.hash(absolute, settings.root()), target(absolute));
            } catch (ZstorException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        if (under.isEmpty() && !all) {
            return wanted;
        }
        SortedSet<String> left = new TreeSet<>(archive.hashes());
        left.removeAll(wanted.keySet());
        for (Path directory : under) {
            take(directory.toAbsolutePath().resolve("zdb-namespace"), settings, left, wanted);
            for (String kind : List.of("d", "i")) {
                int gap = 0;
                for (int number = 0; gap < LONGEST_GAP; number++) {
                    gap = take(directory.toAbsolutePath().resolve(kind + number), settings, left, wanted) ? 0 : gap + 1;
                }
            }
        }
        if (all) {
            left.forEach(hash -> wanted.put(hash, Objects.requireNonNull(to).resolve(hash)));
        }
        return wanted;
    }

    private boolean take(Path path, ZstorSettings settings, SortedSet<String> left, Map<String, Path> wanted)
            throws ZstorException {
        String hash = ZstorPath.hash(path, settings.root());
        if (!left.remove(hash)) {
            return false;
        }
        wanted.put(hash, target(path));
        return true;
    }

    private Path target(Path original) {
        return to == null
                ? original
                : to.resolve(original.normalize().toString().substring(1));
    }
}
