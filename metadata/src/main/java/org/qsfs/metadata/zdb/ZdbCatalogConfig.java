package org.qsfs.metadata.zdb;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbTimeouts;

/**
 * Where a volume's catalog is.
 *
 * @param namespaces four or more, all different; the order does not matter to what is stored already
 * @param scope tells catalogs in the same namespaces apart, for instance {@code prefix/volume}
 * @param dataShards k: how many namespaces must be left to read; at least half of them may then be lost when it is 2 of 4
 * @param minimalWrites whether k namespaces are enough to write, when no more can be reached. Then as few as one more loss may lose what was written
 * @param timeouts of each call
 */
public record ZdbCatalogConfig(
        List<ZdbEndpoint> namespaces, String scope, int dataShards, boolean minimalWrites, ZdbTimeouts timeouts) {
    /** Fewer are no catalog. */
    public static final int LEAST_NAMESPACES = 4;

    public ZdbCatalogConfig {
        namespaces = List.copyOf(namespaces);
        if (namespaces.size() < LEAST_NAMESPACES || namespaces.size() > 64) {
            throw new IllegalArgumentException(
                    "a zdb catalog has " + namespaces.size() + " namespaces, expected 4 to 64");
        }
        if (new HashSet<>(namespaces.stream().map(ZdbEndpoint::toString).toList()).size() != namespaces.size()) {
            throw new IllegalArgumentException("a zdb catalog names a namespace twice: " + namespaces);
        }
        if (dataShards < 1 || dataShards >= namespaces.size()) {
            throw new IllegalArgumentException("a zdb catalog of " + namespaces.size() + " namespaces with "
                    + dataShards + " data shards; expected 1 to " + (namespaces.size() - 1));
        }
    }

    /** 2 data shards, the others parity; calls end after 5 s. */
    public static ZdbCatalogConfig of(List<ZdbEndpoint> namespaces, String scope) {
        return new ZdbCatalogConfig(
                namespaces, scope, 2, false, new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(5)));
    }

    public ZdbCatalogConfig withDataShards(int k) {
        return new ZdbCatalogConfig(namespaces, scope, k, minimalWrites, timeouts);
    }

    public ZdbCatalogConfig withMinimalWrites(boolean allowed) {
        return new ZdbCatalogConfig(namespaces, scope, dataShards, allowed, timeouts);
    }

    public ZdbCatalogConfig withTimeouts(ZdbTimeouts limits) {
        return new ZdbCatalogConfig(namespaces, scope, dataShards, minimalWrites, limits);
    }

    int total() {
        return namespaces.size();
    }

    /** Namespaces that must acknowledge a write. */
    int writeQuorum() {
        return minimalWrites ? dataShards : Math.min(total(), Math.max(dataShards + 1, total() - dataShards + 1));
    }

    /** Namespaces that must answer a read, so that it hears of every write. */
    int readQuorum() {
        return total() - writeQuorum() + 1;
    }
}
