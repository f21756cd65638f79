package org.qsfs.cli.config;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.qsfs.cli.home.Home;
import org.qsfs.encryption.KeyCommitment;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.offload.UploadHours;
import org.qsfs.fuse.Binding;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbTls;

/** Reads a configuration file, ours or zstor's. Every key is described in {@code docs/configuration.md}. */
public final class ConfigFile {
    private static final Pattern VOLUME_NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
    static final Pattern HEX_32 = Pattern.compile("[0-9a-fA-F]{64}");
    private static final long MIB = 1L << 20;
    private static final long PIB = 1L << 50;
    private static final Duration YEAR = Duration.ofDays(366);

    private final Path file;
    private final Path base;
    private final Home home;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigFile(Path file, Home home) {
        this.file = file;
        this.base = Objects.requireNonNull(file.toAbsolutePath().getParent());
        this.home = home;
    }

    /**
     * @param home gives the defaults of the key file and the local catalog
     * @throws ConfigException with every problem of the file
     */
    public static Config read(Path file, Home home) throws IOException, ConfigException {
        return parse(file, TomlFile.text(file), home);
    }

    /** The same for a text that is, or is to be, in a file. */
    public static Config parse(Path file, String text, Home home) throws ConfigException {
        ConfigFile reader = new ConfigFile(file, home);
        Optional<Config> config = reader.config(TomlFile.parse(file, text, reader.problems));
        if (!reader.problems.isEmpty() || config.isEmpty()) {
            throw new ConfigException(reader.problems);
        }
        return config.get();
    }

    private Optional<Config> config(TableReader top) {
        String volume = top.value(
                        "volume",
                        "lower-case letters, digits, - and _, at most 64",
                        found -> found instanceof String name
                                        && VOLUME_NAME.matcher(name).matches()
                                ? Optional.of(name)
                                : Optional.empty())
                .orElse("default");
        Optional<Integer> minimal = top.requiredInteger("minimal_shards", 1, RedundancyPolicy.MAX_SHARDS);
        Optional<Integer> expected = top.requiredInteger("expected_shards", 1, RedundancyPolicy.MAX_SHARDS);
        Optional<Integer> redundantGroups = top.requiredInteger("redundant_groups", 0, RedundancyPolicy.MAX_SHARDS);
        Optional<Integer> redundantNodes = top.requiredInteger("redundant_nodes", 0, RedundancyPolicy.MAX_SHARDS);
        Config.Key key = key(top, volume);
        acceptCompression(top);
        Optional<Config.Identity> identity = identity(top);
        Optional<Config.Catalog> catalog = catalog(top, volume);
        List<Config.Group> groups = groups(top);
        Config.Limits limits = limits(top);
        Config.Timing timing = timing(top);
        Config.Uploads uploads = new Config.Uploads(
                top.size("upload_bandwidth", 0, PIB).orElse(0L),
                top.value(
                                "upload_hours",
                                "two times of day, \"22:00-06:00\"",
                                found -> found instanceof String text ? UploadHours.parse(text) : Optional.empty())
                        .orElse(UploadHours.ALWAYS));
        StorConfig.Healing healing = healing(top);
        Config.Mount mount = new Config.Mount(
                top.choice(
                                "fuse",
                                List.of("auto", "jnr", "kernel"),
                                word -> Binding.valueOf(word.toUpperCase(java.util.Locale.ROOT)))
                        .orElse(Binding.AUTO),
                top.flag("allow_other"),
                top.flag("writeback_cache").orElse(false),
                top.flag("fuse_io_uring").orElse(true));
        Optional<Integer> prometheusPort = top.integer("prometheus_port", 1, 65_535);
        acceptZstorKeysWithoutMeaning(top);
        top.finish();
        if (minimal.isEmpty() || expected.isEmpty() || redundantGroups.isEmpty() || redundantNodes.isEmpty()) {
            return Optional.empty();
        }
        checkRedundancy(top, minimal.get(), expected.get(), redundantGroups.get(), groups);
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        RedundancyPolicy redundancy =
                new RedundancyPolicy(minimal.get(), expected.get(), redundantGroups.get(), redundantNodes.get());
        return catalog.map(where -> new Config(
                file.toAbsolutePath().normalize(),
                volume,
                identity,
                key,
                redundancy,
                groups,
                where,
                limits,
                timing,
                uploads,
                healing,
                mount,
                prometheusPort));
    }

    /** zstor's own process settings: qsfs keeps these files under QSFS_HOME, so the keys are read and have no effect. */
    private static void acceptZstorKeysWithoutMeaning(TableReader top) {
        for (String key : List.of("root", "socket", "pid_file", "zdb_data_dir_path", "zdbfs_mountpoint")) {
            // quantumd writes an empty root
            top.value(
                    key, "a path in quotes", found -> found instanceof String ? Optional.of(found) : Optional.empty());
        }
    }

    private Config.Key key(TableReader top, String volume) {
        Optional<Path> file = top.path("key_file", base);
        Optional<TableReader> encryption = top.table("encryption");
        Optional<Secret> inline = encryption.flatMap(table -> {
            table.choice("algorithm", List.of("AES"), word -> word);
            Optional<Secret> hex = table.value(
                    "key",
                    "64 hex digits",
                    found ->
                            found instanceof String text && HEX_32.matcher(text).matches()
                                    ? Optional.of(new Secret(text))
                                    : Optional.empty());
            table.finish();
            return hex;
        });
        if (file.isPresent() && inline.isPresent()) {
            top.problem("key_file", "contradicts encryption.key; keep one of the two");
        }
        Optional<Path> passphrase = top.path("passphrase_file", base);
        if (passphrase.isPresent()) {
            if (file.isPresent() || inline.isPresent()) {
                top.problem("passphrase_file", "contradicts key_file or encryption.key; keep one of them");
            }
            return new Config.Key.Passphrase(passphrase.get());
        }
        return inline.<Config.Key>map(Config.Key.Inline::new)
                .orElseGet(() -> new Config.Key.File(file.orElse(home.keyFile(volume))));
    }

    /** Stripes are always compressed, by zstd, where that gains something; a zstor file says snappy for it. */
    private static void acceptCompression(TableReader top) {
        top.table("compression").ifPresent(table -> {
            table.choice("algorithm", List.of("zstd", "snappy"), word -> word);
            table.finish();
        });
    }

    private static Optional<Config.Identity> identity(TableReader top) {
        Optional<VolumeId> id =
                top.value("volume_id", "32 hex digits, as `qsfs init` wrote them", ConfigFile::volumeId);
        Optional<KeyCommitment> commitment =
                top.value("key_commitment", "64 hex digits, as `qsfs init` wrote them", ConfigFile::commitment);
        if (top.has("volume_id") != top.has("key_commitment")) {
            top.problem(
                    top.has("volume_id") ? "volume_id" : "key_commitment",
                    "found alone, expected volume_id and key_commitment together, as `qsfs init` wrote them");
        }
        return id.flatMap(volume -> commitment.map(pin -> new Config.Identity(volume, pin)));
    }

    private static Optional<VolumeId> volumeId(Object found) {
        try {
            return found instanceof String text ? Optional.of(VolumeId.parse(text)) : Optional.empty();
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    private static Optional<KeyCommitment> commitment(Object found) {
        try {
            return found instanceof String text ? Optional.of(KeyCommitment.parse(text)) : Optional.empty();
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    private static Config.Limits limits(TableReader top) {
        long segment = top.size("segment_size", 512 << 10, 4095 * MIB).orElse(64 * MIB);
        long stripe = top.size("stripe_size", 64 << 10, 64 * MIB).orElse(4 * MIB);
        if (stripe > segment) {
            top.problem("stripe_size", "found more than segment_size (" + Quantity.formatSize(segment) + ")");
        }
        Optional<Long> cache = top.size("cache_size", 0, PIB);
        Optional<Integer> zstorCache = top.integer("max_zdb_data_dir_size", 0, Integer.MAX_VALUE);
        if (cache.isPresent() && zstorCache.isPresent()) {
            top.problem("max_zdb_data_dir_size", "contradicts cache_size; keep one of the two");
        }
        return new Config.Limits(
                segment,
                stripe,
                cache.or(() -> zstorCache.map(mebibytes -> mebibytes * MIB)).orElse(20L << 30),
                top.size("quota", MIB, 8191 * PIB),
                top.size("max_not_stored", 2 * MIB, PIB).orElse(20L << 30));
    }

    private static Config.Timing timing(TableReader top) {
        return new Config.Timing(
                top.duration("push_interval", Duration.ofSeconds(1), YEAR).orElse(Duration.ofMinutes(15)),
                top.duration("commit_interval", Duration.ofMillis(10), Duration.ofMinutes(5))
                        .orElse(Duration.ofSeconds(1)),
                top.duration("settle", Duration.ZERO, YEAR).orElse(Duration.ofSeconds(120)),
                top.duration("lease_grace", Duration.ofSeconds(1), YEAR).orElse(Duration.ofMinutes(10)),
                top.duration("backend_timeout", Duration.ofMillis(100), Duration.ofMinutes(10))
                        .orElse(Duration.ofSeconds(10)));
    }

    private static StorConfig.Healing healing(TableReader top) {
        StorConfig.Healing usual = StorConfig.Healing.DEFAULT;
        return new StorConfig.Healing(
                usual.repairInterval(),
                top.duration("repair_after", Duration.ZERO, YEAR).orElse(usual.repairAfter()),
                top.duration("scrub_check_interval", Duration.ZERO, YEAR).orElse(usual.scrubCheck()),
                top.duration("scrub_read_interval", Duration.ZERO, YEAR).orElse(usual.scrubRead()),
                top.duration("gc_interval", Duration.ZERO, YEAR).orElse(usual.gc()),
                top.size("repair_bandwidth", 0, PIB).orElse(usual.bytesPerSecond()));
    }

    private Optional<Config.Catalog> catalog(TableReader top, String volume) {
        Optional<TableReader> meta = top.table("meta");
        if (meta.isEmpty()) {
            if (!top.has("meta")) {
                top.problem("meta", "missing, expected a table [meta] with type = \"etcd\", \"local\" or \"zdb\"");
            }
            return Optional.empty();
        }
        TableReader table = meta.get();
        Optional<String> type = table.required(
                "type",
                "one of \"etcd\", \"local\", \"zdb\"",
                found -> found instanceof String word
                                && Set.of("etcd", "local", "zdb").contains(word)
                        ? Optional.of(word)
                        : Optional.empty());
        // zstor nests the settings in [meta.config]; directly in [meta] is accepted too
        Optional<TableReader> nested = table.table("config");
        TableReader settings = nested.orElse(table);
        Optional<Config.Catalog> catalog = type.flatMap(word -> switch (word) {
            case "local" ->
                Optional.of(new Config.Catalog.Local(settings.path("path", base).orElse(home.localCatalog(volume))));
            case "etcd" -> etcd(settings);
            default -> zdb(settings);
        });
        if (type.isPresent()) {
            nested.ifPresent(TableReader::finish);
            table.finish();
        }
        return catalog;
    }

    private Optional<Config.Catalog> etcd(TableReader table) {
        List<String> endpoints = table.strings("endpoints");
        if (endpoints.isEmpty() && !table.has("endpoints")) {
            table.required("endpoints", "a list such as [\"http://10.0.0.1:2379\"]", found -> Optional.empty());
        }
        for (String endpoint : endpoints) {
            if (!endpoint.matches("https?://[^/]+:[0-9]+/?")) {
                table.problem(
                        "endpoints", "found \"" + endpoint + "\", expected http://HOST:PORT or https://HOST:PORT");
            }
        }
        Optional<String> username = table.string("username", "a text in quotes");
        Optional<Secret> password = table.secret("password");
        if (username.isPresent() != password.isPresent()) {
            table.problem(
                    username.isPresent() ? "username" : "password",
                    "found alone, expected username and password together");
        }
        return Optional.of(new Config.Catalog.Etcd(
                endpoints,
                table.string("prefix", "a text in quotes").orElse("qsfs"),
                username,
                password,
                table.path("ca_file", base),
                table.size("quota_backend_bytes", 16 * MIB, PIB)));
    }

    private Optional<Config.Catalog> zdb(TableReader table) {
        String prefix = table.string("prefix", "a text in quotes").orElse("qsfs");
        table.table("encryption").ifPresent(encryption -> {
            // zstor wants it here and does not use it
            encryption.choice("algorithm", List.of("AES"), word -> word);
            encryption.secret("key");
            encryption.finish();
        });
        List<Config.Backend> backends = new ArrayList<>();
        for (TableReader entry : table.tables("backends")) {
            backend(entry, Optional.of(new BackendId("meta-" + (backends.size() + 1))))
                    .ifPresent(backends::add);
        }
        if (backends.size() < 4) {
            table.problem(
                    "backends", "found " + backends.size() + ", expected at least 4: a zdb catalog is stored 2+2");
        }
        Set<String> places = new HashSet<>();
        for (Config.Backend backend : backends) {
            String place = backend.address() + " namespace " + backend.namespace();
            if (!places.add(place)) {
                table.problem(
                        "backends", "found " + place + " twice; two shards of the catalog would be lost together");
            }
        }
        int minimal = table.integer("minimal_shards", 1, 63).orElse(2);
        if (backends.size() >= 4 && minimal >= backends.size()) {
            table.problem(
                    "minimal_shards",
                    "found " + minimal + " with " + backends.size() + " backends, expected fewer than there are");
        }
        return Optional.of(new Config.Catalog.Zdb(
                prefix, backends, minimal, table.flag("minimal_writes").orElse(false)));
    }

    private List<Config.Group> groups(TableReader top) {
        List<Config.Group> groups = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<BackendId> ids = new HashSet<>();
        Set<String> places = new HashSet<>();
        for (TableReader table : top.tables("groups")) {
            String name = table.string("name", "a text in quotes").orElse("group-" + (groups.size() + 1));
            if (!names.add(name)) {
                table.problem("name", "found \"" + name + "\" twice, expected a name for each group");
            }
            List<Config.Backend> backends = new ArrayList<>();
            for (TableReader entry : table.tables("backends")) {
                backend(entry, Optional.empty()).ifPresent(backend -> {
                    String place = backend.address() + " namespace " + backend.namespace();
                    if (!ids.add(backend.id())) {
                        entry.problem("id", "found \"" + backend.id() + "\" twice, expected an id for each backend");
                    } else if (!places.add(place)) {
                        entry.problem("address", "found " + place + " twice; two shards there would be lost together");
                    }
                    backends.add(backend);
                });
            }
            table.finish();
            groups.add(new Config.Group(name, backends));
        }
        return groups;
    }

    private Optional<Config.Backend> backend(TableReader entry, Optional<BackendId> fallbackId) {
        Optional<ZdbAddress> address =
                entry.required("address", "\"HOST:PORT\" or \"[IPV6]:PORT\"", ConfigFile::address);
        String namespace = entry.string("namespace", "a text in quotes").orElse("default");
        Optional<BackendId> id = entry.value(
                        "id",
                        "1 to 64 letters, digits, '.', '_' or '-'",
                        found -> found instanceof String text && BackendId.isLegal(text)
                                ? Optional.of(new BackendId(text))
                                : Optional.empty())
                .or(() -> fallbackId);
        Optional<Secret> password = entry.secret("password");
        boolean embedded = entry.flag("embedded").orElse(false);
        Optional<ZdbTls> tls = tls(entry, embedded, base);
        BackendTerms terms = new BackendTerms(
                entry.integer("weight", 1, BackendTerms.MOST_WEIGHT).orElse(BackendTerms.USUAL_WEIGHT),
                entry.size("capacity", MIB, PIB).orElse(0L),
                entry.flag("draining").orElse(false));
        entry.finish();
        return address.map(where -> new Config.Backend(
                id.orElseGet(() -> defaultId(where, namespace)), where, namespace, password, embedded, tls, terms));
    }

    private static Optional<ZdbTls> tls(TableReader entry, boolean embedded, Path base) {
        boolean wanted = entry.flag("tls").orElse(false);
        Optional<Path> authorities = entry.path("ca_file", base);
        if (authorities.isPresent() && !wanted) {
            entry.problem("ca_file", "found without tls = true, expected both or neither");
        }
        if (wanted && embedded) {
            entry.problem("tls", "found with embedded = true; an embedded backend listens on loopback without TLS");
        }
        return wanted ? Optional.of(new ZdbTls(authorities.orElse(null))) : Optional.empty();
    }

    static Optional<ZdbAddress> address(Object found) {
        if (!(found instanceof String text)) {
            return Optional.empty();
        }
        try {
            ZdbAddress address = ZdbAddress.parse(text);
            // ZdbAddress also takes brackets around what needs none
            return address.toString().equals(text) ? Optional.of(address) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An id made of address and namespace, for files that give none. */
    private static BackendId defaultId(ZdbAddress address, String namespace) {
        String text = (address.host() + "-" + address.port() + "-" + namespace).replaceAll("[^A-Za-z0-9._-]", "-");
        return new BackendId(
                text.length() <= 64 ? text : text.substring(0, 55) + "-" + Integer.toHexString(text.hashCode()));
    }

    /** What can be said without knowing which backends are up; the exact question is the placement's. */
    private static void checkRedundancy(
            TableReader top, int minimal, int expected, int redundantGroups, List<Config.Group> groups) {
        int backends =
                groups.stream().mapToInt(group -> group.backends().size()).sum();
        if (minimal > expected) {
            top.problem("minimal_shards", "found " + minimal + ", expected at most expected_shards (" + expected + ")");
        }
        if (backends < expected) {
            top.problem(
                    "expected_shards",
                    "found " + expected + " with " + backends
                            + " backends in [[groups]], expected at least as many backends as shards");
        }
        if (redundantGroups > 0 && redundantGroups >= groups.size()) {
            top.problem(
                    "redundant_groups",
                    "found " + redundantGroups + " with " + groups.size()
                            + " [[groups]], expected fewer than there are groups");
        }
    }
}
