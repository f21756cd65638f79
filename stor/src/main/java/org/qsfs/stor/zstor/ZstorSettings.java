package org.qsfs.stor.zstor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * What of zstor's configuration is needed to read what it wrote.
 *
 * @param prefix of its metadata keys
 * @param root taken off the front of paths, see {@link ZstorPath}
 * @param keys metadata keys to try, of 32 bytes: zstor documents that of {@code [meta.config.encryption]} and uses that of {@code [encryption]}
 * @param metadata its four user-mode namespaces
 */
@SuppressWarnings("ArrayRecordComponent") // keys are tried, never compared
public record ZstorSettings(String prefix, Optional<Path> root, List<byte[]> keys, List<ZdbEndpoint> metadata) {
    public ZstorSettings {
        keys = List.copyOf(keys);
        metadata = List.copyOf(metadata);
        if (keys.isEmpty() || metadata.isEmpty()) {
            throw new IllegalArgumentException("at least one key and one metadata namespace are needed");
        }
    }

    /** Keys and passwords never appear. */
    @Override
    public String toString() {
        return "zstor metadata of prefix " + prefix + " in " + metadata;
    }
}
