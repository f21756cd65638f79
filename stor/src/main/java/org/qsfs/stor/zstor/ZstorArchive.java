package org.qsfs.stor.zstor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import org.qsfs.zdb.client.ZdbTimeouts;

/**
 * The objects of a zstor, to read.
 *
 * <p>Every wait on a server ends after the given time. Thread-safe.
 */
public final class ZstorArchive implements AutoCloseable {
    private final ZstorMetadata metadata;
    private final ZstorShards shards;

    public ZstorArchive(ZstorSettings settings, ZdbTimeouts timeouts) {
        this.metadata = new ZstorMetadata(settings, timeouts);
        this.shards = new ZstorShards(timeouts);
    }

    /** Hashes of all objects, see {@link ZstorPath#hash}. zstor keeps no paths. */
    public SortedSet<String> hashes() throws ZstorException {
        return metadata.hashes();
    }

    /** The record of an object, empty when zstor has none of that hash. */
    public Optional<ZstorRecord> find(String hash) throws ZstorException {
        return metadata.find(hash);
    }

    /**
     * Brings an object back. The target appears by rename, synced, only after the content was authenticated and its checksum found right; what was there is replaced. Files
     * beside it, with the suffixes {@code .shards} and {@code .importing}, are used meanwhile.
     *
     * @throws ZstorException when fewer than k shards can be read, or what they give is not what was stored
     */
    public void restore(ZstorRecord record, Path target) throws IOException, InterruptedException {
        new ZstorObject(record, shards).restore(target);
    }

    @Override
    public void close() {
        metadata.close();
        shards.close();
    }
}
