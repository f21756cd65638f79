package org.qsfs.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code qsfs key}: parent of what concerns secrets and master keys. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        description = "Who can unlock a mounted volume, and the master keys that encrypt it.")
public final class KeyCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "say what to do with keys: list, add, remove or rotate");
    }
}
