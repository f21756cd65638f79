package org.qsfs.stor.testing;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;

/** A catalog that dies at a chosen commit, before or after carrying it out, and stays dead: what the engine then leaves is what a killed process leaves. */
public final class MortalCatalog implements Catalog {
    private final Catalog catalog;
    private final AtomicInteger commitsLeft;
    private final boolean carriesOutTheLast;
    private volatile @Nullable CatalogTransaction unanswered;

    /**
     * @param commits how many commits succeed
     * @param carriesOutTheLast whether the one after them happens although it is not answered
     */
    public MortalCatalog(Catalog catalog, int commits, boolean carriesOutTheLast) {
        this.catalog = catalog;
        this.commitsLeft = new AtomicInteger(commits);
        this.carriesOutTheLast = carriesOutTheLast;
    }

    /** Whether the death has come. */
    public boolean isDead() {
        return commitsLeft.get() < 0;
    }

    /** The commit that it died of; to have it happen later. */
    public Optional<CatalogTransaction> unanswered() {
        return Optional.ofNullable(unanswered);
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        int left = commitsLeft.getAndDecrement();
        if (left > 0) {
            return catalog.commit(transaction);
        }
        if (left == 0) {
            unanswered = transaction;
        }
        if (left == 0 && carriesOutTheLast) {
            catalog.commit(transaction);
        }
        throw dead();
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        if (isDead()) {
            throw dead();
        }
        return catalog.get(key);
    }

    @Override
    public void scan(String prefix, Consumer<CatalogEntry> consumer) {
        catalog.scan(prefix, consumer);
    }

    @Override
    public void checkWritable() {
        catalog.checkWritable();
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        return catalog.acquire(request);
    }

    /** Leaves the catalog behind it open. */
    @Override
    public void close() {}

    private static CatalogException dead() {
        return new CatalogException.Unavailable("the catalog is dead, as the test wants", null);
    }
}
