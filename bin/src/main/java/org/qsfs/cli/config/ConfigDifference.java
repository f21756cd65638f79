package org.qsfs.cli.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.qsfs.cli.admin.CommandFailure;

/**
 * What a changed configuration means for a volume that is mounted.
 *
 * @param now keys that take effect at once
 * @param nextMount keys that take effect at the next mount
 */
public record ConfigDifference(List<String> now, List<String> nextMount) {
    public ConfigDifference {
        now = List.copyOf(now);
        nextMount = List.copyOf(nextMount);
    }

    /** @throws CommandFailure when something differs that is what the volume is */
    public static ConfigDifference of(Config before, Config after) throws CommandFailure {
        refuse("volume", before, after, Config::volume);
        if (before.identity().isPresent()) {
            // a new volume is pinned in the file only after it was read
            refuse("volume_id and key_commitment", before, after, Config::identity);
        }
        refuse("key_file or [encryption]", before, after, Config::key);
        refuse("[meta]", before, after, Config::catalog);
        refuseEmbedded(before, after);
        List<String> now = new ArrayList<>();
        add(
                now,
                "minimal_shards, expected_shards, redundant_groups, redundant_nodes",
                before,
                after,
                Config::redundancy);
        add(now, "[[groups]]", before, after, Config::groups);
        add(now, "stripe_size", before, after, config -> config.limits().stripeSize());
        add(now, "settle", before, after, config -> config.timing().settle());
        add(now, "backend_timeout", before, after, config -> config.timing().backendTimeout());
        add(now, "repair_after", before, after, config -> config.healing().repairAfter());
        add(
                now,
                "scrub_check_interval",
                before,
                after,
                config -> config.healing().scrubCheck());
        add(
                now,
                "scrub_read_interval",
                before,
                after,
                config -> config.healing().scrubRead());
        add(now, "gc_interval", before, after, config -> config.healing().gc());
        add(now, "upload_bandwidth", before, after, config -> config.uploads().bytesPerSecond());
        add(now, "repair_bandwidth", before, after, config -> config.healing().bytesPerSecond());
        List<String> later = new ArrayList<>();
        add(later, "segment_size", before, after, config -> config.limits().segmentSize());
        add(later, "cache_size", before, after, config -> config.limits().cacheSize());
        add(later, "quota", before, after, config -> config.limits().quota());
        add(later, "max_not_stored", before, after, config -> config.limits().maxNotStored());
        add(later, "push_interval", before, after, config -> config.timing().pushInterval());
        add(later, "commit_interval", before, after, config -> config.timing().commitInterval());
        add(later, "lease_grace", before, after, config -> config.timing().leaseGrace());
        add(later, "upload_hours", before, after, config -> config.uploads().hours());
        add(later, "fuse", before, after, config -> config.mount().binding());
        add(later, "allow_other", before, after, config -> config.mount().allowOther());
        add(later, "writeback_cache", before, after, config -> config.mount().writebackCache());
        add(later, "fuse_io_uring", before, after, config -> config.mount().ioUring());
        add(later, "prometheus_port", before, after, Config::prometheusPort);
        return new ConfigDifference(now, later);
    }

    private static void add(
            List<String> keys, String key, Config before, Config after, Function<Config, Object> value) {
        if (!Objects.equals(value.apply(before), value.apply(after))) {
            keys.add(key);
        }
    }

    private static void refuse(String key, Config before, Config after, Function<Config, Object> value)
            throws CommandFailure {
        if (!Objects.equals(value.apply(before), value.apply(after))) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    after.source() + ": " + key
                            + " differs from what is mounted; nothing was changed. Put it back, or unmount and mount again");
        }
    }

    /** Their processes are started by the mount. */
    private static void refuseEmbedded(Config before, Config after) throws CommandFailure {
        for (Config.Backend backend : after.backends()) {
            Optional<Config.Backend> known = before.backends().stream()
                    .filter(other -> other.id().equals(backend.id()))
                    .findFirst();
            boolean wasEmbedded = known.isPresent() && known.get().embedded();
            boolean same = wasEmbedded
                    && known.get().address().equals(backend.address())
                    && known.get().namespace().equals(backend.namespace());
            if (backend.embedded() != wasEmbedded || (backend.embedded() && !same)) {
                throw new CommandFailure(
                        CommandFailure.USAGE,
                        after.source() + ": embedded backend " + backend.id()
                                + " is new or has moved; nothing was changed. Embedded backends are started by the mount: unmount, change the file, mount again");
            }
        }
    }
}
