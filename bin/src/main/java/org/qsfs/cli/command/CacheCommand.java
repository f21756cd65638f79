package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code qsfs cache}: parent of what concerns local copies. */
@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        description = "Local copies of what is stored on the backends.")
public final class CacheCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "say what to do with the cache, for instance: qsfs cache evict --all");
    }
}
