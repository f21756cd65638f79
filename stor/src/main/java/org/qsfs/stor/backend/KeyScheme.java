package org.qsfs.stor.backend;

import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ZdbClient;

/** Where values lie in a backend's namespace. Methods that take a client call it. Thread-safe. */
sealed interface KeyScheme permits UserKeys, SequentialKeys {

    /** The key under which a shard's value may be; empty when it cannot be there. */
    Optional<byte[]> find(ShardName name, ShardKeys keys);

    /** Keys with which a shard is begun, or gone on with: what is known of it already, if that is of this namespace. */
    ShardKeys begin(ShardKeys before);

    /** Whether {@link #begin} would go on with these: they are of this namespace as it is now. */
    boolean isOf(ShardKeys keys);

    /**
     * Writes a shard's value.
     *
     * @param known id of the value that it replaces, of this namespace as it is now; empty when there is none
     * @return its id, empty when it has none
     */
    OptionalLong write(ZdbClient client, ShardName name, OptionalLong known, byte[] value);

    /** The value of a reserved key. */
    Optional<byte[]> readReserved(ZdbClient client, byte[] key);

    /** Writes the value of a reserved key. */
    void writeReserved(ZdbClient client, byte[] key, byte[] value);

    /** Whether the namespace was found to be another one than it was; then nothing may be done to it before it was looked at again. */
    boolean isLost();

    /** Whether a key that a scan tells is one of a shard, as far as it shows. */
    boolean mayBeShard(byte[] key);
}
