package org.qsfs.metadata;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.qsfs.encryption.EncryptionException;
import org.qsfs.encryption.Sealer;
import org.qsfs.encryption.VolumeId;

/**
 * A catalog whose values are sealed. What is stored can be read only with the volume's keys, and only under its own key: the
 * associated data of a value is the volume id (16 bytes), then the key. Keys, and everything under {@code writer/}, are stored plainly.
 *
 * <p>The format of a sealed value is the {@link Sealer}'s, which begins with its version. A value is up to {@link
 * Sealer#OVERHEAD_BYTES} longer than what was put.
 */
public final class SealedCatalog implements Catalog {

    private final Catalog catalog;
    private final Sealer sealer;
    private final byte[] volume;

    /** @param catalog is closed with this one */
    public SealedCatalog(Catalog catalog, Sealer sealer, VolumeId volume) {
        this.catalog = catalog;
        this.sealer = sealer;
        this.volume = volume.toBytes();
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        return catalog.get(key).map(this::open);
    }

    @Override
    public void scan(String prefix, Consumer<CatalogEntry> consumer) {
        catalog.scan(prefix, entry -> consumer.accept(open(entry)));
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        return catalog.commit(new CatalogTransaction(
                transaction.conditions(),
                transaction.mutations().stream().map(this::seal).toList()));
    }

    @Override
    public void checkWritable() {
        catalog.checkWritable();
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        return catalog.acquire(request);
    }

    @Override
    public void close() {
        catalog.close();
    }

    @Override
    public String toString() {
        return catalog.toString();
    }

    private Mutation seal(Mutation mutation) {
        return mutation instanceof Mutation.Put put && !isPlain(put.key())
                ? new Mutation.Put(put.key(), sealer.seal(associatedData(put.key()), put.value()))
                : mutation;
    }

    private CatalogEntry open(CatalogEntry entry) {
        if (isPlain(entry.key())) {
            return entry;
        }
        try {
            return new CatalogEntry(
                    entry.key(), sealer.open(associatedData(entry.key()), entry.value()), entry.revision());
        } catch (EncryptionException e) {
            throw new CatalogException.Corrupt(
                    catalog + ": the value of " + entry.key() + " cannot be opened: " + e.getMessage()
                            + ". It is another volume's, of another key, or damaged",
                    e);
        }
    }

    private static boolean isPlain(String key) {
        return key.startsWith("writer/");
    }

    private byte[] associatedData(String key) {
        byte[] name = key.getBytes(StandardCharsets.US_ASCII);
        byte[] data = java.util.Arrays.copyOf(volume, volume.length + name.length);
        System.arraycopy(name, 0, data, volume.length, name.length);
        return data;
    }
}
