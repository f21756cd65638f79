package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.volume.KeySecret;
import org.qsfs.encryption.HybridPublicKey;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.Passphrase;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.WeakPassphraseException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs key add}. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = {
            "Let somebody more unlock the volume: with a passphrase, a key file, or the key file to a public key.",
            "Secrets are read from files, never from the command line. With --new the file is made, mode 0600; keep it elsewhere."
        })
public final class KeyAddCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "What the recipient is called.")
    private @Nullable String name;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--new", description = "Make a new random passphrase or key file.")
    private boolean fresh;

    /** Exactly one of them. */
    static final class Source {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "A file whose first line is the passphrase.")
        private @Nullable Path passphrase;

        @Option(names = "--key-file", paramLabel = "FILE", description = "A key file.")
        private @Nullable Path keyFile;

        @Option(
                names = "--public-key",
                paramLabel = "FILE",
                description = "The public half of a key file, which `qsfs key public` wrote.")
        private @Nullable Path publicKey;
    }

    KeyAddCommand(Console console, Home home) {
        super(console, home, "key-add");
    }

    @Override
    ObjectNode request() throws IOException, CommandFailure {
        return arguments()
                .put("recipient", Base64.getEncoder().encodeToString(recipient().encode()));
    }

    private Recipient recipient() throws IOException, CommandFailure {
        String who = Objects.requireNonNull(name);
        Path passphraseFile = source.passphrase;
        Path keyFile = source.keyFile;
        try {
            if (passphraseFile != null) {
                try (Passphrase phrase = passphrase(passphraseFile)) {
                    return Recipient.passphrase(who, phrase);
                }
            }
            if (keyFile != null) {
                try (KeyFile key = fresh ? KeyFile.create(keyFile) : KeyFile.read(keyFile)) {
                    return Recipient.keyFile(who, key);
                }
            }
            return Recipient.publicKey(who, HybridPublicKey.read(Objects.requireNonNull(source.publicKey)));
        } catch (WeakPassphraseException | MalformedException | IllegalArgumentException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private Passphrase passphrase(Path file) throws IOException, CommandFailure {
        if (!fresh) {
            return KeySecret.passphrase(file);
        }
        if (Files.exists(file)) {
            throw new CommandFailure(file + " exists already; name a new file, or leave out --new");
        }
        return KeySecret.generate(file);
    }

    @Override
    void print(JsonNode result) {
        KeyListCommand.print(result, this::say);
    }
}
