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
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.config.ConfigFile;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.placement.Candidate;
import org.qsfs.stor.placement.Placement;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.volume.VolumeHeaders;

/** Makes new volumes. */
public final class VolumeSetup {
    private VolumeSetup() {}

    /**
     * A new volume.
     *
     * @param identity what was pinned
     * @param away backends that could not be reached, with the reason; they are set up when they come
     */
    public record Made(Config.Identity identity, List<String> away) {
        public Made {
            away = List.copyOf(away);
        }
    }

    /**
     * Makes the volume of a configuration: checks that its shards can be placed, makes keys and secret, stores the header in the catalog and on the backends, and pins
     * it in the configuration file. When it is interrupted, the next mount finishes it.
     *
     * @param catalog not sealed; stays open
     * @return what was pinned, and the backends that could not be reached
     */
    public static Made create(Config config, Home home, Catalog catalog)
            throws IOException, InterruptedException, CommandFailure {
        checkPlacement(config);
        catalog.checkWritable();
        List<String> away = BackendNamespaces.ensure(config);
        try (VolumeKeys keys = VolumeKeys.generate(VolumeId.random())) {
            VolumeHeader header = VolumeHeader.create(keys, List.of(KeySecret.recipient(config, home)));
            // the catalog first: whoever finds a backend marked with this volume id then finds the volume too
            CatalogTransaction first = CatalogTransaction.begin()
                    .ifAbsent(VolumeHeaders.CATALOG_KEY)
                    .put(VolumeHeaders.CATALOG_KEY, header.encode())
                    .build();
            if (catalog.commit(first).isEmpty()) {
                throw new CommandFailure(catalog
                        + " holds a volume already; take another volume name or another prefix under [meta.config]");
            }
            try (BackendPool pool = BackendPool.open(
                    header.volume(), BackendSettings.backends(config), BackendSettings.pool(config), true)) {
                new VolumeHeaders(catalog, pool).store(header, config.redundancy(), null);
            }
            Config.Identity identity = new Config.Identity(header.volume(), header.commitment());
            pin(config.source(), home, identity);
            return new Made(identity, away);
        }
    }

    /** Makes the namespaces of a zdb catalog, where there are none and the servers let us. */
    public static void prepareCatalog(Config config) throws CommandFailure, InterruptedException {
        BackendNamespaces.ensureCatalog(config);
    }

    /** The volume that the configuration pins, else the one whose header the catalog holds. */
    public static Optional<VolumeId> existing(Config config, Catalog catalog) throws CommandFailure {
        if (config.identity().isPresent()) {
            return Optional.of(config.identity().get().volumeId());
        }
        Optional<CatalogEntry> entry = catalog.get(VolumeHeaders.CATALOG_KEY);
        try {
            return entry.isPresent()
                    ? Optional.of(VolumeHeader.decode(entry.get().value()).volume())
                    : Optional.empty();
        } catch (MalformedException e) {
            throw new CommandFailure(
                    catalog + ": " + e.getMessage() + ". Write volume_id and key_commitment into " + config.source()
                            + " to read the copies on the backends",
                    e);
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

    /** Writes the pins of a volume into its configuration file, which keeps all its text; nothing happens when it has them already. */
    static void pin(Path file, Home home, Config.Identity identity) throws IOException, CommandFailure {
        try {
            if (ConfigFile.read(file, home).identity().isPresent()) {
                return;
            }
        } catch (ConfigException e) {
            throw new CommandFailure(file + " was changed meanwhile: " + e.getMessage(), e);
        }
        String pins =
                """
                # Which volume this file belongs to; another one is refused. Written by qsfs, do not change.
                volume_id = "%s"
                key_commitment = "%s"

                """.formatted(identity.volumeId(), identity.keyCommitment().text());
        PrivateFiles.write(file, pins + Files.readString(file));
    }
}
