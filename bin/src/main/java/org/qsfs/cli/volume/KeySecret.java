package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.Passphrase;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.Secret;
import org.qsfs.encryption.WeakPassphraseException;

/** The secret that unlocks a volume, as its configuration names it. */
public final class KeySecret {
    private static final int LONGEST_PASSPHRASE = 4096;

    private KeySecret() {}

    /** Where the secret is or will be. The key of a zstor file is kept as a key file too. */
    public static Path file(Config config, Home home) {
        return switch (config.key()) {
            case Config.Key.File(var path) -> path;
            case Config.Key.Inline inline -> home.keyFile(config.volume());
            case Config.Key.Passphrase(var path) -> path;
        };
    }

    /** Reads the secret of a volume that exists. */
    static Secret read(Config config, Home home) throws IOException, CommandFailure {
        Path file = file(config, home);
        if (config.key() instanceof Config.Key.Inline(var hex)) {
            keep(file, hex.reveal());
        }
        if (!Files.exists(file)) {
            String kind = config.key() instanceof Config.Key.Passphrase ? "passphrase file " : "key file ";
            throw new CommandFailure("the " + kind + file + " of volume \"" + config.volume()
                    + "\" does not exist; restore it from your copy: without it the volume cannot be read");
        }
        return config.key() instanceof Config.Key.Passphrase ? passphrase(file) : keyFile(file);
    }

    /** The first recipient of a new volume; when there is no secret yet, one is made and kept in its file. */
    static Recipient recipient(Config config, Home home) throws IOException, CommandFailure {
        Path file = file(config, home);
        if (!Files.exists(file)) {
            create(config, file);
        }
        try (Secret secret = read(config, home)) {
            return switch (secret) {
                case KeyFile key -> Recipient.keyFile("key-file", key);
                case Passphrase phrase -> Recipient.passphrase("passphrase", phrase);
            };
        } catch (WeakPassphraseException e) {
            throw new CommandFailure(file + ": " + e.getMessage(), e);
        }
    }

    /** Reads a key file, which only its owner may read. */
    static KeyFile keyFile(Path file) throws IOException, CommandFailure {
        try {
            return KeyFile.read(file);
        } catch (MalformedException e) {
            throw new CommandFailure(e.getMessage() + "; restore the key file from your copy", e);
        }
    }

    /** Reads a passphrase: the first line of a file that only its owner may read. */
    public static Passphrase passphrase(Path file) throws IOException, CommandFailure {
        if (PrivateFiles.othersMayRead(file)) {
            throw new CommandFailure("others may read the passphrase file " + file + "; set it with chmod 600");
        }
        if (Files.size(file) > LONGEST_PASSPHRASE) {
            throw new CommandFailure("the passphrase file " + file + " has " + Files.size(file)
                    + " bytes, expected one line of at most " + LONGEST_PASSPHRASE);
        }
        byte[] bytes = Files.readAllBytes(file);
        int length = 0;
        while (length < bytes.length && bytes[length] != '\n' && bytes[length] != '\r') {
            length++;
        }
        CharBuffer decoded = StandardCharsets.UTF_8.decode(java.nio.ByteBuffer.wrap(bytes, 0, length));
        char[] text = new char[decoded.remaining()];
        decoded.get(text);
        Arrays.fill(bytes, (byte) 0);
        decoded.clear().put(new char[decoded.capacity()]);
        if (text.length == 0) {
            throw new CommandFailure(
                    "the passphrase file " + file + " is empty, expected the passphrase in its first line");
        }
        try {
            return Passphrase.of(text);
        } finally {
            Arrays.fill(text, '\0');
        }
    }

    /** Writes a new random passphrase to a file, 0600. */
    public static Passphrase generate(Path file) throws IOException {
        Passphrase made = Passphrase.generate();
        char[] text = made.text();
        PrivateFiles.write(file, new String(text) + "\n");
        Arrays.fill(text, '\0');
        return made;
    }

    private static void create(Config config, Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            PrivateFiles.directory(directory);
        }
        switch (config.key()) {
            case Config.Key.File key -> KeyFile.create(file).close();
            case Config.Key.Passphrase phrase -> generate(file).close();
            case Config.Key.Inline inline -> {
                // reading it keeps it
            }
        }
    }

    private static void keep(Path file, String hex) throws IOException, CommandFailure {
        String text = "qsfs-key-file 1\n" + hex.toLowerCase(Locale.ROOT) + "\n";
        if (!Files.exists(file)) {
            PrivateFiles.write(file, text);
        } else if (!Files.readString(file).equals(text)) {
            throw new CommandFailure("the key file " + file
                    + " holds another key than encryption.key of the configuration; remove the one that is wrong");
        }
    }
}
