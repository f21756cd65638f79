package org.qsfs.stor.backend;

import java.util.Optional;
import org.qsfs.stor.segment.StorException;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.ZdbClient;

/** What a namespace keeps under a reserved key, for those who look into one that is no backend of an open volume. */
public final class ReservedValue {
    private ReservedValue() {}

    /**
     * Reads it, in either mode.
     *
     * @throws StorException when a sequential namespace is not one of qsfs's, or its first value is damaged
     */
    public static Optional<byte[]> read(ZdbClient client, byte[] key) throws StorException {
        return client.info().mode() == NamespaceMode.SEQUENTIAL
                ? FrontPage.find(client).flatMap(found -> found.page().value(key))
                : client.get(key);
    }
}
