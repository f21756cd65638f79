package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code qsfs catalog}: parent of what concerns the catalog as a whole. */
@Command(
        name = "catalog",
        mixinStandardHelpOptions = true,
        description = "What is stored where: copy it to a file, fill a new one from a copy, make a lost one again.")
public final class CatalogCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "say what to do with the catalog: export, import or rebuild");
    }
}
