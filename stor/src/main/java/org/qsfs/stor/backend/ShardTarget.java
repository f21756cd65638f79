package org.qsfs.stor.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.ShardName;

/** A shard on its way to a backend: where its values go, and under which keys they were taken so far. Thread-safe. */
public final class ShardTarget {
    private final Backend backend;
    private final ShardKeys begun;
    private final List<Long> ids = new ArrayList<>();

    /** @param before what is known of the shard on that backend, {@link ShardKeys#NAMED} when nothing */
    public ShardTarget(Backend backend, ShardKeys before) {
        this.backend = backend;
        this.begun = backend.begin(before);
        if (begun instanceof ShardKeys.Sequential known) {
            ids.addAll(known.ids());
        }
    }

    /** A shard of which the backend has nothing yet. */
    public static ShardTarget fresh(Backend backend) {
        return new ShardTarget(backend, ShardKeys.NAMED);
    }

    public Backend backend() {
        return backend;
    }

    /** The keys of what the backend acknowledged until now; for the record, before and after the values are written. */
    public synchronized ShardKeys keys() {
        return begun instanceof ShardKeys.Sequential known ? new ShardKeys.Sequential(known.incarnation(), ids) : begun;
    }

    /** Writes one value; acknowledged when it returns. */
    public void write(ShardName name, byte[] value) {
        backend.write(name, begun, known(name.stripe()), value).ifPresent(id -> written(name.stripe(), id));
    }

    private synchronized OptionalLong known(int stripe) {
        return stripe < ids.size() && ids.get(stripe) != ShardKeys.Sequential.UNKNOWN
                ? OptionalLong.of(ids.get(stripe))
                : OptionalLong.empty();
    }

    private synchronized void written(int stripe, long id) {
        while (ids.size() <= stripe) {
            ids.add(ShardKeys.Sequential.UNKNOWN);
        }
        ids.set(stripe, id);
    }
}
