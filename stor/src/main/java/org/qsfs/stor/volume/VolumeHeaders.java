package org.qsfs.stor.volume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the header of a volume is kept: in the catalog under {@value #CATALOG_KEY}, not sealed, and on the backends under {@value #BACKEND_KEY}. New keys may be used
 * only after {@link #store} returned: then losing the catalog and n − k backends does not lose them.
 *
 * <p>Thread-safe.
 */
public final class VolumeHeaders {
    /** Key in the catalog. */
    public static final String CATALOG_KEY = "volume/header";

    /** Key on the backends. */
    public static final String BACKEND_KEY = "qsfs-header";

    private static final Logger LOG = LoggerFactory.getLogger(VolumeHeaders.class);
    private static final byte[] BACKEND_KEY_BYTES = BACKEND_KEY.getBytes(StandardCharsets.US_ASCII);

    private final @Nullable Catalog catalog;
    private final BackendPool pool;

    /** @param catalog the catalog itself, not a sealed one; null when it is lost */
    public VolumeHeaders(@Nullable Catalog catalog, BackendPool pool) {
        this.catalog = catalog;
        this.pool = pool;
    }

    /**
     * All headers among catalog and backends. Copies that are damaged are passed over, and told. Whoever can write to a backend can put one there, so only one that is of the pinned volume and that the secret opens counts.
     *
     * @return the catalog's first, then those of most backends: of two that claim the same generation the first is the one that was stored to the end
     * @throws StorException.CatalogFailed when the catalog does not answer
     */
    public List<VolumeHeader> copies() throws StorException, InterruptedException {
        List<VolumeHeader> found = new ArrayList<>();
        entry().ifPresent(entry -> add(found, "the catalog", entry.value()));
        List<VolumeHeader> onBackends = new ArrayList<>();
        new ReplicatedValues(pool)
                .read(BACKEND_KEY_BYTES)
                .forEach((backend, bytes) -> add(onBackends, "backend " + backend, bytes));
        onBackends.stream()
                .distinct()
                .sorted(Comparator.comparingInt((VolumeHeader copy) -> Collections.frequency(onBackends, copy))
                        .reversed())
                .forEach(found::add);
        return found;
    }

    /** Whether the catalog has exactly this header: then it was stored to the end. */
    public boolean isInCatalog(VolumeHeader header) throws StorException {
        return entry().filter(entry -> Arrays.equals(entry.value(), header.encode()))
                .isPresent();
    }

    /**
     * Stores a header on at least n − k + 1 backends, and then in the catalog, in place of one of a lower generation. So a header that is in the catalog survives the loss of the catalog and of
     * n − k backends.
     *
     * @param lease the right to write; null only when the volume is being set up
     * @throws StorException when that is not possible; then keys that only this header has must not be used, and storing may be tried again
     */
    public void store(VolumeHeader header, RedundancyPolicy policy, @Nullable WriterLease lease)
            throws StorException, InterruptedException {
        if (lease != null && !lease.isHeld()) {
            throw new StorException.NotWriter(
                    "the volume header is changed by the writer only, and this process is not it any more");
        }
        Optional<CatalogEntry> before = entry();
        if (before.isPresent()) {
            refuseOlder(header, before.get());
        }
        int backends = pool.all().size();
        int needed = Math.min(backends, policy.parityShards() + 1);
        List<BackendFailure> failures = new ReplicatedValues(pool).write(BACKEND_KEY_BYTES, header.encode());
        if (backends - failures.size() < needed) {
            throw new StorException.TooFewCopies(
                    "the header of volume " + header.volume(), backends - failures.size(), needed, failures);
        }
        putInCatalog(header, before, lease);
    }

    /** The key on the backends. */
    public static byte[] backendKey() {
        return BACKEND_KEY_BYTES.clone();
    }

    /** Writes the header to backends that do not have it, new ones for example. */
    public List<BackendFailure> spread(VolumeHeader header) throws InterruptedException {
        return new ReplicatedValues(pool).write(BACKEND_KEY_BYTES, header.encode());
    }

    private void putInCatalog(VolumeHeader header, Optional<CatalogEntry> before, @Nullable WriterLease lease)
            throws StorException {
        Catalog present = catalog;
        if (present == null) {
            throw new StorException.NotWriter("there is no catalog to store the volume header in");
        }
        CatalogTransaction.Builder transaction = CatalogTransaction.begin();
        if (lease != null) {
            transaction.ifHeld(lease);
        }
        if (before.isPresent()) {
            transaction.ifRevision(CATALOG_KEY, before.get().revision());
        } else {
            transaction.ifAbsent(CATALOG_KEY);
        }
        try {
            OptionalLong revision =
                    present.commit(transaction.put(CATALOG_KEY, header.encode()).build());
            if (revision.isEmpty()) {
                throw new StorException.Conflict("the volume header in the catalog was changed by somebody else");
            }
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed("storing the volume header failed: " + failed.getMessage(), failed);
        }
    }

    private static void refuseOlder(VolumeHeader header, CatalogEntry before) throws StorException {
        List<VolumeHeader> found = new ArrayList<>();
        add(found, "the catalog", before.value());
        for (VolumeHeader other : found) {
            if (!other.volume().equals(header.volume()) || other.generation() > header.generation()) {
                throw new StorException.Conflict(
                        "the catalog has a header of volume " + other.volume() + ", generation "
                                + other.generation() + "; it is not replaced by one of volume " + header.volume()
                                + ", generation " + header.generation());
            }
        }
    }

    private Optional<CatalogEntry> entry() throws StorException.CatalogFailed {
        Catalog present = catalog;
        try {
            return present == null ? Optional.empty() : present.get(CATALOG_KEY);
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed("reading the volume header failed: " + failed.getMessage(), failed);
        }
    }

    private static void add(List<VolumeHeader> headers, String where, byte[] bytes) {
        try {
            headers.add(VolumeHeader.decode(bytes));
        } catch (MalformedException damaged) {
            LOG.warn("the volume header in {} is not used: {}", where, damaged.getMessage());
        }
    }
}
