package org.qsfs.cli.volume;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.encryption.UnlockedHeader;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.volume.VolumeHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Catalog, keys, writer's lease and backends of a volume, held by this process until closed.
 *
 * <p>Thread-safe.
 */
final class Storage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

    private final VolumeId volume;
    private final Catalog catalog;
    private final VolumeKeys keys;
    /** Null when it is open for reading only. */
    private volatile @Nullable WriterLease lease;

    private final StorEngine engine;
    private volatile @Nullable LeaseKeeper keeper;
    private volatile @Nullable VolumeKeyring keyring;

    private Storage(VolumeId volume, Catalog catalog, VolumeKeys keys, @Nullable WriterLease lease, StorEngine engine) {
        this.volume = volume;
        this.catalog = catalog;
        this.keys = keys;
        this.lease = lease;
        this.engine = engine;
    }

    /** What a process asks for when it wants to write. */
    record Claim(String holder, OptionalLong localEpoch, boolean takeOver) {}

    /**
     * Connects to everything and becomes the writer. The first volume of a machine, all of whose backends are embedded, is made when it does not exist yet.
     *
     * @throws CommandFailure when something is not as configured; nothing stays open then
     */
    static Storage open(Config config, Home home, Claim claim)
            throws IOException, InterruptedException, CommandFailure {
        Catalog catalog = CatalogConnection.open(config);
        try {
            VolumeId volume = volume(config, home, catalog);
            BackendPool pool =
                    BackendPool.open(volume, BackendSettings.backends(config), BackendSettings.pool(config), true);
            try {
                return open(config, home, claim, catalog, volume, pool);
            } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
                pool.close();
                throw e;
            }
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    private static Storage open(
            Config config, Home home, Claim claim, Catalog catalog, VolumeId volume, BackendPool pool)
            throws IOException, InterruptedException, CommandFailure {
        VolumeHeaders headers = new VolumeHeaders(catalog, pool);
        UnlockedHeader unlocked = VolumeUnlock.unlock(config, home, volume, headers.copies());
        VolumeHeader header = unlocked.header();
        VolumeKeys keys = unlocked.keys();
        try {
            SealedCatalog sealed = new SealedCatalog(catalog, keys.sealer("catalog"), volume);
            WriterLease lease = sealed.acquire(new LeaseRequest(claim.holder(), claim.localEpoch(), claim.takeOver()));
            try {
                settle(config, headers, header, lease);
                if (config.identity().isEmpty()) {
                    // the volume was made a moment ago, or its making was interrupted
                    VolumeSetup.pin(config.source(), home, new Config.Identity(volume, header.commitment()));
                }
                Set<String> own = VolumeUnlock.own(config, home, header);
                StorEngine engine = StorEngine.open(BackendSettings.engine(config), sealed, lease, keys, pool);
                engine.header(header);
                Thread.ofVirtual().name("volume-header").start(() -> spread(headers, header));
                Storage storage = new Storage(volume, sealed, keys, lease, engine);
                storage.keyring =
                        new VolumeKeyring(headers, config::redundancy, storage::lease, engine, header, keys, own);
                return storage;
            } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
                lease.release();
                throw e;
            }
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            keys.close();
            throw e;
        }
    }

    /** Connects to everything beside whoever is the writer. */
    static Storage openForReading(Config config, Home home) throws IOException, InterruptedException, CommandFailure {
        Catalog catalog = CatalogConnection.open(config);
        try {
            VolumeId volume = VolumeSetup.existing(config, catalog).orElseThrow(() -> missing(config, catalog));
            BackendPool pool =
                    BackendPool.open(volume, BackendSettings.backends(config), BackendSettings.pool(config), false);
            try {
                VolumeKeys keys = VolumeUnlock.unlock(config, home, volume, new VolumeHeaders(catalog, pool).copies())
                        .keys();
                try {
                    SealedCatalog sealed = new SealedCatalog(catalog, keys.sealer("catalog"), volume);
                    StorEngine engine = StorEngine.open(BackendSettings.engine(config), sealed, null, keys, pool);
                    return new Storage(volume, sealed, keys, null, engine);
                } catch (IOException | RuntimeException e) {
                    keys.close();
                    throw e;
                }
            } catch (IOException | CommandFailure | RuntimeException e) {
                pool.close();
                throw e;
            }
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    private static CommandFailure missing(Config config, Catalog catalog) {
        return new CommandFailure("volume \"" + config.volume() + "\" does not exist yet in " + catalog
                + "; set it up with: qsfs init --config " + config.source()
                + ". If it existed and its catalog was lost: qsfs catalog rebuild --config " + config.source());
    }

    /**
     * A header that is not in the catalog was not stored to the end: its keys are not used before it is. One of the first generation has no other keys than the volume always had.
     */
    private static void settle(Config config, VolumeHeaders headers, VolumeHeader header, WriterLease lease)
            throws IOException, InterruptedException {
        if (headers.isInCatalog(header)) {
            return;
        }
        try {
            headers.store(header, config.redundancy(), lease);
        } catch (StorException.TooFewCopies e) {
            if (header.generation() > 1) {
                throw e;
            }
            LOG.warn("volume header: {}", e.getMessage());
        }
    }

    /** Backends that were away when the header was changed get it. */
    private static void spread(VolumeHeaders headers, VolumeHeader header) {
        try {
            List<BackendFailure> failures = headers.spread(header);
            if (!failures.isEmpty()) {
                LOG.info("the volume header was not copied to {}", failures);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static VolumeId volume(Config config, Home home, Catalog catalog)
            throws IOException, InterruptedException, CommandFailure {
        Optional<VolumeId> existing = VolumeSetup.existing(config, catalog);
        if (existing.isPresent()) {
            return existing.get();
        }
        boolean ownAffair = config.catalog() instanceof Config.Catalog.Local
                && config.backends().stream().allMatch(Config.Backend::embedded);
        if (!ownAffair) {
            throw missing(config, catalog);
        }
        return VolumeSetup.create(config, home, catalog).identity().volumeId();
    }

    VolumeId volume() {
        return volume;
    }

    StorEngine engine() {
        return engine;
    }

    /** Of a storage that is open for writing. */
    WriterLease lease() {
        return Objects.requireNonNull(lease, "open for reading only");
    }

    /** From now on a lost lease is got back, or {@code over} is told why this process is not the writer any more. */
    void keepLease(Duration grace, Consumer<String> over) {
        keeper = new LeaseKeeper(catalog, lease(), grace, this::renewed, over);
    }

    private void renewed(WriterLease again) {
        lease = again;
        engine.renewed(again);
    }

    /** Who can unlock the volume. */
    VolumeKeyring keyring() {
        return Objects.requireNonNull(keyring);
    }

    Catalog catalog() {
        return catalog;
    }

    List<BackendStatus> backends() {
        return engine.backends();
    }

    /** Lets go of everything; the lease last but one, so that nobody writes before we stopped. */
    @Override
    public void close() {
        try {
            engine.close();
        } finally {
            LeaseKeeper keeping = keeper;
            WriterLease held = lease;
            if (keeping != null) {
                keeping.close();
            } else if (held != null) {
                held.release();
            }
            keys.close();
            catalog.close();
        }
    }
}
