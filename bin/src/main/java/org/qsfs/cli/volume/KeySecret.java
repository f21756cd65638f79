package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Secret;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.MalformedException;

/** The secret that unlocks a volume, as its configuration names it. */
public final class KeySecret {
    private KeySecret() {}

    /** Where the key file is or will be. The key of a zstor file is kept as a key file too. */
    public static Path file(Config config, Home home) {
        return switch (config.key()) {
            case Config.Key.File(var path) -> path;
            case Config.Key.Inline inline -> home.keyFile(config.volume());
        };
    }

    /** Reads the secret of a volume that exists. */
    public static KeyFile read(Config config, Home home) throws IOException, CommandFailure {
        Path file = file(config, home);
        if (config.key() instanceof Config.Key.Inline(Secret hex)) {
            keep(file, hex);
        }
        if (!Files.exists(file)) {
            throw new CommandFailure("the key file " + file + " of volume \"" + config.volume()
                    + "\" does not exist; restore it from your copy: without it the volume cannot be read");
        }
        try {
            return KeyFile.read(file);
        } catch (MalformedException e) {
            throw new CommandFailure(e.getMessage() + "; restore the key file from your copy", e);
        }
    }

    /** Reads the secret, or makes one when there is none yet. */
    public static KeyFile readOrCreate(Config config, Home home) throws IOException, CommandFailure {
        Path file = file(config, home);
        if (config.key() instanceof Config.Key.File && !Files.exists(file)) {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                PrivateFiles.directory(directory);
            }
            return KeyFile.create(file);
        }
        return read(config, home);
    }

    private static void keep(Path file, Secret hex) throws IOException, CommandFailure {
        String text = "qsfs-key-file 1\n" + hex.reveal().toLowerCase(java.util.Locale.ROOT) + "\n";
        if (!Files.exists(file)) {
            PrivateFiles.write(file, text);
        } else if (!Files.readString(file).equals(text)) {
            throw new CommandFailure("the key file " + file
                    + " holds another key than encryption.key of the configuration; " + "remove the one that is wrong");
        }
    }
}
