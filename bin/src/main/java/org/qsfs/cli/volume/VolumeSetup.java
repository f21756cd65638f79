package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.UnlockException;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.stor.placement.Candidate;
import org.qsfs.stor.placement.Placement;
import org.qsfs.stor.segment.StorException;

/** Makes volumes and unlocks them. */
public final class VolumeSetup {
    private final Config config;
    private final Home home;
    private final Catalog catalog;

    /** @param catalog of the volume, not sealed; stays open */
    public VolumeSetup(Config config, Home home, Catalog catalog) {
        this.config = config;
        this.home = home;
        this.catalog = catalog;
    }

    /** Unlocks the volume that the configuration names; empty when there is none yet. */
    public Optional<UnlockedVolume> unlock() throws IOException, InterruptedException, CommandFailure {
        Optional<VolumeHeader> header = new HeaderCopies(catalog, config.backends()).newest();
        if (header.isEmpty()) {
            if (config.identity().isPresent()) {
                throw new CommandFailure(
                        "no header of volume " + config.identity().get().volumeId() + " in " + catalog
                                + " nor on any backend that can be reached; check the catalog and start the backends");
            }
            return Optional.empty();
        }
        try (KeyFile secret = KeySecret.read(config, home)) {
            VolumeHeader found = header.get();
            if (config.identity().isPresent()) {
                found.expect(
                        config.identity().get().volumeId(),
                        config.identity().get().keyCommitment());
            }
            return Optional.of(new UnlockedVolume(found, found.unlock(secret)));
        } catch (UnlockException e) {
            throw new CommandFailure(
                    "volume \"" + config.volume() + "\" cannot be unlocked with " + KeySecret.file(config, home) + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Makes the volume: checks that its shards can be placed, makes keys and secret, stores the header. */
    public UnlockedVolume create() throws IOException, InterruptedException, CommandFailure {
        checkPlacement(config);
        VolumeKeys keys = VolumeKeys.generate(VolumeId.random());
        try (KeyFile secret = KeySecret.readOrCreate(config, home)) {
            VolumeHeader header = VolumeHeader.create(keys, List.of(Recipient.keyFile("key-file", secret)));
            int needed = config.redundancy().parityShards() + 1;
            new HeaderCopies(catalog, config.backends()).storeFirst(header, needed);
            return new UnlockedVolume(header, keys);
        }
    }

    /** Whether all n shards can be placed when every backend is up. */
    public static void checkPlacement(Config config) throws CommandFailure {
        List<Candidate> candidates = new ArrayList<>();
        for (Config.Group group : config.groups()) {
            for (Config.Backend backend : group.backends()) {
                candidates.add(new Candidate(backend.id(), group.name(), 1));
            }
        }
        try {
            List<?> chosen = new Placement(config.redundancy(), new SecureRandom()).choose(candidates);
            if (chosen.size() != config.redundancy().expectedShards()) {
                throw new IllegalStateException("placement chose " + chosen.size() + " backends");
            }
        } catch (StorException.NoPlacement e) {
            throw new CommandFailure(CommandFailure.USAGE, config.source() + ": " + e.getMessage());
        }
    }

    /** Writes the pins of a volume into its configuration file, which keeps all its text. */
    public static void pin(Path file, Config.Identity identity) throws IOException {
        String pins =
                """
                # Which volume this file belongs to; another one is refused. Written by qsfs, do not change.
                volume_id = "%s"
                key_commitment = "%s"

                """.formatted(identity.volumeId(), identity.keyCommitment().text());
        PrivateFiles.write(file, pins + Files.readString(file));
    }
}
