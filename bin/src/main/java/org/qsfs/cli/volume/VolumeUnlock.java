package org.qsfs.cli.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.encryption.EncryptionException;
import org.qsfs.encryption.HybridPublicKey;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.Passphrase;
import org.qsfs.encryption.PassphraseRecipient;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.Secret;
import org.qsfs.encryption.UnlockedHeader;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;

/** Opens the header of a volume with the configured secret. */
final class VolumeUnlock {
    private VolumeUnlock() {}

    /** The newest header that belongs to the pinned volume and that our secret opens. */
    static UnlockedHeader unlock(Config config, Home home, VolumeId volume, List<VolumeHeader> copies)
            throws IOException, CommandFailure {
        if (copies.isEmpty()) {
            throw new CommandFailure(
                    "no header of volume " + volume
                            + " in the catalog nor on any backend that can be reached; check the catalog and start the backends");
        }
        try (Secret secret = KeySecret.read(config, home)) {
            return VolumeHeader.unlockNewest(pinned(config, copies), secret);
        } catch (EncryptionException e) {
            throw new CommandFailure(
                    "volume \"" + config.volume() + "\" cannot be unlocked with " + KeySecret.file(config, home) + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Names of the recipients whose secret this machine has, as far as that can be told. */
    static Set<String> own(Config config, Home home, VolumeHeader header) throws IOException, CommandFailure {
        try (Secret secret = KeySecret.read(config, home)) {
            return switch (secret) {
                case KeyFile key -> {
                    HybridPublicKey mine = key.publicKey();
                    yield names(header, recipient -> recipient.publicKey().equals(mine));
                }
                case Passphrase phrase -> {
                    Set<String> candidates = names(header, recipient -> recipient instanceof PassphraseRecipient);
                    // to tell which of several takes a second and 256 MiB for each
                    yield candidates.size() == 1 ? candidates : Set.of();
                }
            };
        }
    }

    private static Set<String> names(VolumeHeader header, Predicate<Recipient> wanted) {
        return header.recipients().stream().filter(wanted).map(Recipient::name).collect(Collectors.toSet());
    }

    /** The copies that are of the volume and master key that the configuration pins; all, when it pins none. */
    private static List<VolumeHeader> pinned(Config config, List<VolumeHeader> copies) throws EncryptionException {
        Optional<Config.Identity> pins = config.identity();
        if (pins.isEmpty()) {
            return copies;
        }
        List<VolumeHeader> ours = new ArrayList<>();
        @Nullable EncryptionException refused = null;
        for (VolumeHeader copy : copies) {
            try {
                copy.expect(pins.get().volumeId(), pins.get().keyCommitment());
                ours.add(copy);
            } catch (EncryptionException e) {
                refused = e;
            }
        }
        if (ours.isEmpty() && refused != null) {
            throw refused;
        }
        return ours;
    }
}
