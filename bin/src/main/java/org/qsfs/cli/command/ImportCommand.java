package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code qsfs import}: parent of what brings data of other programs here. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Bring back what another program stored.")
public final class ImportCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "say of which program, for instance: qsfs import zstor --config zstor.toml --list");
    }
}
