package org.qsfs.cli.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.qsfs.fs.offload.UploadHours;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.zdb.client.ZdbTls;

/** Writes a configuration as TOML that {@link ConfigFile} reads back to an equal one. */
public final class ConfigText {
    private final StringBuilder text = new StringBuilder();
    private final boolean reveal;

    private ConfigText(boolean reveal) {
        this.reveal = reveal;
    }

    /** For people: secrets are stars. */
    public static String masked(Config config) {
        return new ConfigText(false).write(config);
    }

    /** For a file that only its owner may read. */
    public static String revealing(Config config) {
        return new ConfigText(true).write(config);
    }

    /** The keys of one backend. */
    static String revealing(Config.Backend backend) {
        ConfigText entry = new ConfigText(true);
        entry.backend(backend);
        return entry.text.toString();
    }

    private String write(Config config) {
        entry("volume", config.volume());
        config.identity().ifPresent(identity -> {
            entry("volume_id", identity.volumeId().toString());
            entry("key_commitment", identity.keyCommitment().text());
        });
        if (config.key() instanceof Config.Key.File(var path)) {
            entry("key_file", path.toString());
        }
        if (config.key() instanceof Config.Key.Passphrase(var path)) {
            entry("passphrase_file", path.toString());
        }
        RedundancyPolicy redundancy = config.redundancy();
        entry("minimal_shards", redundancy.minimalShards());
        entry("expected_shards", redundancy.expectedShards());
        entry("redundant_groups", redundancy.redundantGroups());
        entry("redundant_nodes", redundancy.redundantNodes());
        limits(config.limits());
        timing(config.timing());
        size("upload_bandwidth", config.uploads().bytesPerSecond());
        if (!config.uploads().hours().equals(UploadHours.ALWAYS)) {
            entry("upload_hours", config.uploads().hours().toString());
        }
        healing(config.healing());
        entry("fuse", config.mount().binding().name().toLowerCase(Locale.ROOT));
        config.mount().allowOther().ifPresent(allowed -> entry("allow_other", allowed));
        if (config.mount().writebackCache()) {
            entry("writeback_cache", true);
        }
        if (!config.mount().ioUring()) {
            entry("fuse_io_uring", false);
        }
        config.prometheusPort().ifPresent(port -> entry("prometheus_port", port));
        if (config.key() instanceof Config.Key.Inline(var hex)) {
            text.append("\n[encryption]\n");
            entry("algorithm", "AES");
            entry("key", hex);
        }
        catalog(config.catalog());
        for (Config.Group group : config.groups()) {
            text.append("\n[[groups]]\n");
            entry("name", group.name());
            for (Config.Backend backend : group.backends()) {
                text.append("\n[[groups.backends]]\n");
                backend(backend);
            }
        }
        return text.toString();
    }

    private void limits(Config.Limits limits) {
        size("segment_size", limits.segmentSize());
        size("stripe_size", limits.stripeSize());
        size("cache_size", limits.cacheSize());
        limits.quota().ifPresent(quota -> size("quota", quota));
        size("max_not_stored", limits.maxNotStored());
    }

    private void timing(Config.Timing timing) {
        entry("push_interval", Quantity.formatDuration(timing.pushInterval()));
        entry("commit_interval", Quantity.formatDuration(timing.commitInterval()));
        entry("settle", Quantity.formatDuration(timing.settle()));
        entry("lease_grace", Quantity.formatDuration(timing.leaseGrace()));
        entry("backend_timeout", Quantity.formatDuration(timing.backendTimeout()));
    }

    private void healing(StorConfig.Healing healing) {
        entry("repair_after", Quantity.formatDuration(healing.repairAfter()));
        entry("scrub_check_interval", Quantity.formatDuration(healing.scrubCheck()));
        entry("scrub_read_interval", Quantity.formatDuration(healing.scrubRead()));
        entry("gc_interval", Quantity.formatDuration(healing.gc()));
        size("repair_bandwidth", healing.bytesPerSecond());
    }

    private void catalog(Config.Catalog catalog) {
        text.append("\n[meta]\n");
        switch (catalog) {
            case Config.Catalog.Local(var directory) -> {
                entry("type", "local");
                text.append("\n[meta.config]\n");
                entry("path", directory.toString());
            }
            case Config.Catalog.Etcd etcd -> {
                entry("type", "etcd");
                text.append("\n[meta.config]\n");
                text.append("endpoints = [")
                        .append(String.join(
                                ", ",
                                etcd.endpoints().stream().map(ConfigText::quote).toList()))
                        .append("]\n");
                entry("prefix", etcd.prefix());
                etcd.username().ifPresent(name -> entry("username", name));
                etcd.password().ifPresent(password -> entry("password", password));
                etcd.caFile().ifPresent(path -> entry("ca_file", path.toString()));
                etcd.quota().ifPresent(bytes -> entry("quota_backend_bytes", Quantity.formatSize(bytes)));
            }
            case Config.Catalog.Zdb zdb -> {
                entry("type", "zdb");
                text.append("\n[meta.config]\n");
                entry("prefix", zdb.prefix());
                entry("minimal_shards", zdb.minimalShards());
                entry("minimal_writes", zdb.minimalWrites());
                for (Config.Backend backend : zdb.backends()) {
                    text.append("\n[[meta.config.backends]]\n");
                    backend(backend);
                }
            }
        }
    }

    private void backend(Config.Backend backend) {
        entry("id", backend.id().value());
        entry("address", backend.address().toString());
        entry("namespace", backend.namespace());
        Optional<Secret> password = backend.password();
        password.ifPresent(secret -> entry("password", secret));
        if (backend.embedded()) {
            entry("embedded", true);
        }
        Optional<ZdbTls> tls = backend.tls();
        if (tls.isPresent()) {
            entry("tls", true);
            Path authorities = tls.get().caFile();
            if (authorities != null) {
                entry("ca_file", authorities.toString());
            }
        }
        if (backend.terms().weight() != BackendTerms.USUAL_WEIGHT) {
            entry("weight", backend.terms().weight());
        }
        if (backend.terms().capacity() > 0) {
            size("capacity", backend.terms().capacity());
        }
        if (backend.terms().draining()) {
            entry("draining", true);
        }
    }

    private void size(String key, long bytes) {
        entry(key, Quantity.formatSize(bytes));
    }

    private void entry(String key, Secret value) {
        entry(key, reveal ? value.reveal() : value.toString());
    }

    private void entry(String key, String value) {
        text.append(key).append(" = ").append(quote(value)).append('\n');
    }

    private void entry(String key, long value) {
        text.append(key).append(" = ").append(value).append('\n');
    }

    private void entry(String key, boolean value) {
        text.append(key).append(" = ").append(value).append('\n');
    }

    /** A TOML basic string. */
    static String quote(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
