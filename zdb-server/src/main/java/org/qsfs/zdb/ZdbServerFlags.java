package org.qsfs.zdb;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.ZdbServerConfig.TlsFiles;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.engine.SyncMode;
import org.qsfs.zdb.format.IndexFormat.Mode;

/** The command line of 0-db (ZDB.md §2), and what we add. Flags may be written with one dash or two, and as {@code --flag=value}. */
final class ZdbServerFlags {
    static final String USAGE = """
            zdb [flags]                                a server
            zdb check|dump|compact|rebuild-index DIR   a tool for the files of a stopped one; --help tells more
              --data DIR            data files (./zdb-data)
              --index DIR           index files (./zdb-index)
              --mode user|seq       one mode for all namespaces (each its own)
              --datasize SIZE       data file size, with k, M, G, T (256M)
              --listen ADDR         TCP address (::)
              --port PORT           TCP port (9900)
              --socket PATH         unix socket; TCP is then off
              --dualnet             unix socket and TCP
              --admin PASS          admin password (none: every client is admin)
              --protect             the default namespace is read only without the admin password
              --maxsize BYTES       limit of the default namespace
              --hook FILE           program run on events
              --rotate SEC          close data files that are older and were written to
              --sync [always|interval|never]   when a write is acknowledged (always: when it is durable)
              --synctime SEC        sync in the background every SEC seconds
              --tls-cert FILE       TCP clients must use TLS: certificate and chain, PEM
              --tls-key FILE        its key, PEM, unencrypted PKCS#8
              --metrics ADDR:PORT   metrics for Prometheus over HTTP
              --idle SEC            disconnect clients that are silent for so long (86400)
              --connections N       most clients (1000)
              --request-memory SIZE memory for values on their way (32M)
              --cache SIZE          memory for values that are read again and again, 0 = none (128M)
              --hook-limit SEC      kill hooks that take longer (600)
              --dump                prints the index instead of serving it
            """;

    private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([kMGT]?).*");
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[(.+)]|([^:]*)):([0-9]+)");
    /** Flags of 0-db that need nothing here: closed files are always durable, and nothing is written to the terminal. */
    private static final Set<String> IGNORED = Set.of("secure", "verbose", "background");

    private String data = "./zdb-data";
    private String index = "./zdb-index";
    private @Nullable Mode mode;
    private long dataSize = DatabaseConfig.DEFAULT_DATA_SIZE;
    private String listen = "::";
    private int port = 9900;
    private @Nullable String socket;
    private boolean dualNet;
    private @Nullable String admin;
    private boolean protect;
    private long maxSize;
    private @Nullable String hook;
    private long rotate;
    private SyncMode sync = SyncMode.ALWAYS;
    private long syncSeconds = 1;
    private boolean syncGiven;
    private @Nullable InetSocketAddress metrics;
    private @Nullable String tlsCert;
    private @Nullable String tlsKey;
    private long idle = 86_400;
    private int connections = 1000;
    private long requestBytes = 32 << 20;
    private long cacheBytes = 128 << 20;
    private long hookLimit = 600;

    private String[] args = {};
    private int at;
    private @Nullable String inlineValue;

    ZdbServerConfig parse(String[] commandLine) {
        args = commandLine;
        for (at = 0; at < args.length; at++) {
            String flag = args[at];
            if (!flag.startsWith("-") || flag.length() < 2) {
                throw new UsageException(
                        "'" + flag + "' is neither a flag nor one of check, dump, compact, rebuild-index; see --help");
            }
            String name = flag.startsWith("--") ? flag.substring(2) : flag.substring(1);
            int equals = name.indexOf('=');
            inlineValue = equals < 0 ? null : name.substring(equals + 1);
            take(equals < 0 ? name : name.substring(0, equals));
        }
        return build();
    }

    private void take(String name) {
        switch (name) {
            case "data" -> data = value(name);
            case "index" -> index = value(name);
            case "mode" -> mode = modeOf(value(name));
            case "datasize" -> dataSize = size(name);
            case "listen" -> listen = value(name);
            case "port" -> port = (int) number(name, 0, 65_535);
            case "socket" -> socket = value(name);
            case "dualnet" -> dualNet = true;
            case "admin" -> admin = value(name);
            case "protect" -> protect = true;
            case "maxsize" -> maxSize = number(name, 0, Long.MAX_VALUE);
            case "hook" -> hook = value(name);
            case "rotate" -> rotate = number(name, 0, Integer.MAX_VALUE);
            case "sync" -> takeSync();
            case "synctime" -> {
                syncSeconds = number(name, 0, Integer.MAX_VALUE);
                sync = syncSeconds > 0 ? SyncMode.INTERVAL : sync;
                syncSeconds = Math.max(1, syncSeconds);
            }
            case "tls-cert" -> tlsCert = value(name);
            case "tls-key" -> tlsKey = value(name);
            case "metrics" -> metrics = address(value(name));
            case "idle" -> idle = number(name, 0, Integer.MAX_VALUE);
            case "connections" -> connections = (int) number(name, 1, 1_000_000);
            case "request-memory" -> requestBytes = size(name);
            case "cache" -> cacheBytes = size(name);
            case "hook-limit" -> hookLimit = number(name, 1, Integer.MAX_VALUE);
            case "logfile" -> value(name);
            default -> {
                if (!IGNORED.contains(name)) {
                    throw new UsageException("unknown flag --" + name + "; see --help");
                }
            }
        }
    }

    /** 0-db's flag has no value; ours may have one. */
    private void takeSync() {
        String next = inlineValue != null ? inlineValue : at + 1 < args.length ? args[at + 1] : "";
        SyncMode given = switch (next.toLowerCase(Locale.ROOT)) {
            case "always" -> SyncMode.ALWAYS;
            case "interval" -> SyncMode.INTERVAL;
            case "never" -> SyncMode.NEVER;
            default -> null;
        };
        if (given != null && inlineValue == null) {
            at++;
        } else if (given == null && inlineValue != null) {
            throw new UsageException("--sync " + inlineValue + ": expected always, interval or never");
        }
        sync = given == null ? SyncMode.ALWAYS : given;
        syncGiven = true;
    }

    private String value(String name) {
        if (inlineValue != null) {
            return inlineValue;
        }
        if (at + 1 >= args.length) {
            throw new UsageException("--" + name + " needs a value");
        }
        return args[++at];
    }

    private long number(String name, long least, long most) {
        String text = value(name);
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException("--" + name + " " + text + ": expected a number from " + least + " to " + most);
    }

    private long size(String name) {
        String text = value(name);
        Matcher m = SIZE.matcher(text);
        if (!m.matches() || (m.group(2).isEmpty() && !text.matches("[0-9.]+"))) {
            throw new UsageException("--" + name + " " + text + ": expected a number with k, M, G or T");
        }
        long unit = m.group(2).isEmpty() ? 1 : 1L << (10 * (1 + "kMGT".indexOf(m.group(2))));
        return (long) (Double.parseDouble(m.group(1)) * unit);
    }

    private static @Nullable Mode modeOf(String text) {
        return switch (text) {
            case "user" -> Mode.USER;
            case "seq", "direct" -> Mode.SEQUENTIAL;
            case "mix" -> null;
            default -> throw new UsageException("--mode " + text + ": expected user or seq");
        };
    }

    private static InetSocketAddress address(String text) {
        Matcher m = ADDRESS.matcher(text);
        if (!m.matches()) {
            throw new UsageException("'" + text + "' is no address; expected HOST:PORT");
        }
        String host = m.group(1) != null ? m.group(1) : m.group(2);
        return new InetSocketAddress(host.isEmpty() ? "localhost" : host, Integer.parseInt(m.group(3)));
    }

    private ZdbServerConfig build() {
        if (dataSize < DatabaseConfig.SMALLEST_DATA_SIZE || dataSize > DatabaseConfig.LARGEST_DATA_SIZE) {
            throw new UsageException("--datasize " + dataSize + ": expected " + DatabaseConfig.SMALLEST_DATA_SIZE
                    + " to " + DatabaseConfig.LARGEST_DATA_SIZE + " bytes");
        }
        if (Path.of(data)
                .toAbsolutePath()
                .normalize()
                .equals(Path.of(index).toAbsolutePath().normalize())) {
            throw new UsageException("--data and --index are both " + data + "; they must differ");
        }
        if (protect && admin == null) {
            throw new UsageException("--protect needs --admin PASSWORD");
        }
        DatabaseConfig database = DatabaseConfig.of(Path.of(data), Path.of(index))
                .withMode(mode)
                .withDataSize(dataSize)
                .withDefaultMaxSize(maxSize)
                .withRotateSeconds(rotate)
                .withSync(sync, Duration.ofSeconds(syncSeconds));
        boolean tcp = socket == null || dualNet;
        return new ZdbServerConfig(
                database,
                tcp ? new InetSocketAddress(listen, port) : null,
                socket == null ? null : Path.of(socket),
                admin == null ? null : admin.getBytes(StandardCharsets.UTF_8),
                protect,
                hook == null ? null : Path.of(hook),
                Duration.ofSeconds(hookLimit),
                // without the flag INFO is byte for byte what 0-db's clients know
                syncGiven && sync == SyncMode.ALWAYS,
                requestBytes,
                cacheBytes,
                connections,
                Duration.ofSeconds(idle),
                Duration.ofSeconds(60),
                metrics,
                tls(tcp));
    }

    private @Nullable TlsFiles tls(boolean tcp) {
        if (tlsCert == null && tlsKey == null) {
            return null;
        }
        if (tlsCert == null || tlsKey == null) {
            throw new UsageException("--tls-cert and --tls-key need each other: a certificate and its key");
        }
        if (!tcp) {
            throw new UsageException("--tls-cert is for TCP, which --socket turns off; add --dualnet for both");
        }
        return new TlsFiles(Path.of(tlsCert), Path.of(tlsKey));
    }
}
