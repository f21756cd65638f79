package org.qsfs.metadata.etcd;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogKeys;

/**
 * How to reach the part of an etcd cluster that is one volume's catalog.
 *
 * @param endpoints of the members, {@code host:port} or {@code http(s)://host:port}; all with TLS or none
 * @param prefix of all keys, one per volume, for instance {@code /qsfs/home/}; a slash is added at the end where missing
 * @param user and {@code password}, or null when the cluster has no authentication
 * @param caFile PEM file of the authority that signed the members' certificates, or null for the system's; given, it switches TLS on
 * @param deadline of every call
 * @param leaseTtl how long the lease lives without being renewed; at least 2 s
 * @param quotaBytes the members' {@code --quota-backend-bytes}, to warn when it comes near
 */
public record EtcdConfig(
        List<String> endpoints,
        String prefix,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path caFile,
        Duration deadline,
        Duration leaseTtl,
        long quotaBytes) {

    /** What etcd uses when it is not told. */
    public static final long DEFAULT_QUOTA_BYTES = 2L * 1024 * 1024 * 1024;

    public EtcdConfig {
        endpoints = endpoints.stream().map(EtcdConfig::normal).toList();
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("etcd: no endpoints; expected at least one host:port");
        }
        long secure = endpoints.stream().filter(e -> e.startsWith("https:")).count();
        if (secure != 0 && secure != endpoints.size()) {
            throw new IllegalArgumentException("etcd: some endpoints are https and some http: " + endpoints);
        }
        CatalogKeys.checkPrefix(prefix);
        prefix = prefix.endsWith("/") ? prefix : prefix + "/";
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException("etcd: user and password must be given together");
        }
        if (!deadline.isPositive() || leaseTtl.compareTo(Duration.ofSeconds(2)) < 0) {
            throw new IllegalArgumentException(
                    "etcd: deadline " + deadline + " must be positive and lease ttl " + leaseTtl + " at least 2 s");
        }
    }

    /** Without authentication and TLS; calls end after 10 s, the lease lives 30 s. */
    public static EtcdConfig of(List<String> endpoints, String prefix) {
        return new EtcdConfig(
                endpoints,
                prefix,
                null,
                null,
                null,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                DEFAULT_QUOTA_BYTES);
    }

    public EtcdConfig withUser(String name, String secret) {
        return new EtcdConfig(endpoints, prefix, name, secret, caFile, deadline, leaseTtl, quotaBytes);
    }

    public EtcdConfig withCa(Path file) {
        return new EtcdConfig(endpoints, prefix, user, password, file, deadline, leaseTtl, quotaBytes);
    }

    public EtcdConfig withTimes(Duration callDeadline, Duration ttl) {
        return new EtcdConfig(endpoints, prefix, user, password, caFile, callDeadline, ttl, quotaBytes);
    }

    public EtcdConfig withQuota(long bytes) {
        return new EtcdConfig(endpoints, prefix, user, password, caFile, deadline, leaseTtl, bytes);
    }

    boolean tls() {
        return caFile != null || endpoints.getFirst().startsWith("https:");
    }

    private static String normal(String endpoint) {
        String url = endpoint.contains("://") ? endpoint : "http://" + endpoint;
        try {
            URI uri = URI.create(url);
            if (uri.getHost() == null || uri.getPort() < 1 || !(url.startsWith("http:") || url.startsWith("https:"))) {
                throw new IllegalArgumentException("no host or port");
            }
            return url;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "etcd: \"" + endpoint + "\" is no endpoint; expected host:port or https://host:port", e);
        }
    }

    /** Endpoints and prefix. The password never appears. */
    @Override
    public String toString() {
        return "etcd " + String.join(",", endpoints) + prefix;
    }
}
