package org.qsfs.cli.command;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.stor.object.ObjectName;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which file a command means; zstor's way of giving it, {@code --file}, is understood too. */
final class ObjectFile {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The file, by the path it was stored under.")
    private @Nullable Path file;

    @Option(
            names = {"-f", "--file"},
            hidden = true)
    private @Nullable Path option;

    /** The path as given, made absolute. */
    Optional<Path> path() throws CommandFailure {
        if (file != null && option != null) {
            throw new CommandFailure(
                    CommandFailure.USAGE, "found the file twice, " + file + " and --file " + option + "; give it once");
        }
        Path given = file != null ? file : option;
        return Optional.ofNullable(given).map(path -> path.toAbsolutePath().normalize());
    }

    Path requiredPath() throws CommandFailure {
        return path().orElseThrow(() -> new CommandFailure(CommandFailure.USAGE, "which file?"));
    }

    ObjectName name() throws CommandFailure {
        return ObjectName.of(requiredPath());
    }
}
