package org.qsfs.cli.command;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.encryption.HybridPublicKey;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.MalformedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code qsfs key public}. */
@Command(
        name = "public",
        mixinStandardHelpOptions = true,
        description =
                "Write the public half of a key file, to be added to volumes of others: qsfs key add NAME --public-key FILE.")
public final class KeyPublicCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(index = "0", paramLabel = "KEYFILE", description = "A key file.")
    private @Nullable Path keyFile;

    @Parameters(index = "1", paramLabel = "FILE", description = "The file to write; it must not exist.")
    private @Nullable Path file;

    KeyPublicCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        Path target = Objects.requireNonNull(file);
        try (KeyFile key = KeyFile.read(Objects.requireNonNull(keyFile))) {
            HybridPublicKey half = key.publicKey();
            half.write(target);
            console.say("wrote " + target + ", fingerprint " + half.fingerprint());
        } catch (MalformedException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        return CommandFailure.DONE;
    }
}
