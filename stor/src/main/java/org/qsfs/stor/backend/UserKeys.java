package org.qsfs.stor.backend;

import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ZdbClient;

/** A user-mode namespace: every value under its name. */
final class UserKeys implements KeyScheme {

    @Override
    public Optional<byte[]> find(ShardName name, ShardKeys keys) {
        return Optional.of(name.encode());
    }

    @Override
    public ShardKeys begin(ShardKeys before) {
        return ShardKeys.NAMED;
    }

    @Override
    public boolean isOf(ShardKeys keys) {
        return keys instanceof ShardKeys.Named;
    }

    @Override
    public OptionalLong write(ZdbClient client, ShardName name, OptionalLong known, byte[] value) {
        client.set(name.encode(), value);
        return OptionalLong.empty();
    }

    @Override
    public Optional<byte[]> readReserved(ZdbClient client, byte[] key) {
        return client.get(key);
    }

    @Override
    public void writeReserved(ZdbClient client, byte[] key, byte[] value) {
        client.set(key, value);
    }

    @Override
    public boolean isLost() {
        return false;
    }

    @Override
    public boolean mayBeShard(byte[] key) {
        return ShardName.decode(key).isPresent();
    }
}
