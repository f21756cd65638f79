package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import org.qsfs.stor.segment.StorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code qsfs store}. */
@Command(
        name = "store",
        mixinStandardHelpOptions = true,
        description = {
            "Store a single file on the backends under its path, without mounting anything. The same content is not uploaded again.",
            "Of a directory the regular files directly in it are stored."
        })
public final class StoreCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    @Mixin
    private final ObjectFile file = new ObjectFile();

    @Option(
            names = {"-k", "--key-path"},
            paramLabel = "DIR",
            description = "Store under the path the file would have in this directory.")
    private @Nullable Path keyPath;

    @Option(
            names = {"-d", "--delete"},
            description = "Delete each file when it is stored.")
    private boolean delete;

    @Option(names = "--json", description = "Print the result as JSON, an object per line.")
    private boolean json;

    StoreCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws Exception {
        Path given = file.requiredPath();
        List<Path> files = Files.isDirectory(given) ? regularFiles(given) : List.of(given);
        int failures = 0;
        try (ProgressBar bar = ProgressBar.on(console);
                ObjectRequest request = ObjectRequest.begin(volume.read(home), home, bar)) {
            int done = 0;
            for (Path one : files) {
                bar.report("storing " + one.getFileName(), done++, files.size(), "files");
                try {
                    say(request.store(one, name(one), delete).result());
                } catch (StorException.ObjectRefused | java.nio.file.FileSystemException | CommandFailure e) {
                    failures++;
                    console.complain(
                            e instanceof java.nio.file.NoSuchFileException
                                    ? one + ": no such file"
                                    : one + ": " + e.getMessage());
                }
            }
        }
        return failures == 0 ? CommandFailure.DONE : CommandFailure.FAILED;
    }

    private void say(JsonNode stored) {
        if (json) {
            console.say(stored.toString());
        } else {
            console.say((stored.path("uploaded").asBoolean(false) ? "stored     " : "unchanged  ")
                    + stored.path("path").asString("?") + "  "
                    + Quantity.humanSize(stored.path("bytes").asLong(0)) + "  "
                    + stored.path("checksum").asString("?"));
        }
    }

    private Path name(Path one) {
        return keyPath == null
                ? one
                : keyPath.toAbsolutePath().normalize().resolve(one.getFileName().toString());
    }

    private static List<Path> regularFiles(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }
}
