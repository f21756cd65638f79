package org.qsfs.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.qsfs.encryption.KeyCommitment;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.offload.UploadHours;
import org.qsfs.fuse.Binding;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbTls;

/**
 * What a volume is made of and how it behaves. Sizes are bytes.
 *
 * @param source the file this was read from
 * @param volume name of the volume: lower-case letters, digits, {@code -} and {@code _}
 * @param identity which volume and master key this configuration belongs to; written by {@code qsfs init}
 * @param key where the secret comes from that unwraps the master key
 * @param redundancy how many shards, and what may be lost
 * @param groups the backends
 * @param catalog what is stored where
 * @param limits sizes
 * @param timing intervals
 * @param uploads when and how fast segments are uploaded
 * @param healing how it looks after what is stored
 * @param mount how it is mounted
 * @param prometheusPort loopback port of the metrics, if any
 */
public record Config(
        Path source,
        String volume,
        Optional<Identity> identity,
        Key key,
        RedundancyPolicy redundancy,
        List<Group> groups,
        Catalog catalog,
        Limits limits,
        Timing timing,
        Uploads uploads,
        StorConfig.Healing healing,
        Mount mount,
        Optional<Integer> prometheusPort) {

    public Config {
        groups = List.copyOf(groups);
    }

    /** All backends, in file order. */
    public List<Backend> backends() {
        return groups.stream().flatMap(group -> group.backends().stream()).toList();
    }

    /**
     * The pins of a volume: another volume or master key is refused.
     */
    public record Identity(VolumeId volumeId, KeyCommitment keyCommitment) {}

    /** Where the volume's secret comes from. */
    public sealed interface Key {
        /** A file that {@code qsfs init} made. */
        record File(Path path) implements Key {}

        /** 64 hex digits in the configuration itself, as zstor has it. */
        record Inline(Secret hex) implements Key {}

        /** A file whose one line is a passphrase. */
        record Passphrase(Path file) implements Key {}
    }

    /** Backends that fail together, for instance one site. */
    public record Group(String name, List<Backend> backends) {
        public Group {
            backends = List.copyOf(backends);
        }
    }

    /**
     * One namespace of one zdb.
     *
     * @param id stable name; address, password and group may change under it
     * @param embedded whether the daemon runs this backend itself, as a process with data under {@code QSFS_HOME/backends/<id>}
     * @param tls whether and how it is talked to with TLS
     * @param terms how much it is to get
     */
    public record Backend(
            BackendId id,
            ZdbAddress address,
            String namespace,
            Optional<Secret> password,
            boolean embedded,
            Optional<ZdbTls> tls,
            BackendTerms terms) {}

    /** Where the catalog lives. */
    public sealed interface Catalog {
        /** A directory of this machine: for trying out, or on a disk that outlives the machine. */
        record Local(Path directory) implements Catalog {}

        /** An etcd cluster; TLS when the endpoints say https. */
        record Etcd(
                List<String> endpoints,
                String prefix,
                Optional<String> username,
                Optional<Secret> password,
                Optional<Path> caFile,
                Optional<Long> quota)
                implements Catalog {
            public Etcd {
                endpoints = List.copyOf(endpoints);
            }
        }

        /**
         * Four or more zdb namespaces, zstor's way.
         *
         * @param minimalShards namespaces that must be left to read
         * @param minimalWrites whether so many are enough to write, too
         */
        record Zdb(String prefix, List<Backend> backends, int minimalShards, boolean minimalWrites) implements Catalog {
            public Zdb {
                backends = List.copyOf(backends);
            }
        }
    }

    /**
     * @param segmentSize bytes at which a data file is closed
     * @param stripeSize plain bytes of a stripe
     * @param cacheSize bytes that local data may use before stored segments are evicted
     * @param quota bytes the filesystem offers; empty: no limit
     * @param maxNotStored bytes that may wait for upload before writers slow down
     */
    public record Limits(long segmentSize, long stripeSize, long cacheSize, Optional<Long> quota, long maxNotStored) {}

    /**
     * @param pushInterval age at which a segment that is not empty is closed
     * @param commitInterval how often written data reaches the disk without fsync
     * @param settle how long a backend that does not fsync must hold a shard before the local copy may go
     * @param leaseGrace how long a writer that lost the catalog goes on locally
     * @param backendTimeout deadline of one call to a backend
     */
    public record Timing(
            Duration pushInterval,
            Duration commitInterval,
            Duration settle,
            Duration leaseGrace,
            Duration backendTimeout) {}

    /**
     * @param bytesPerSecond what uploads may send; 0 for no limit
     * @param hours when they may, by the clock of this machine
     */
    public record Uploads(long bytesPerSecond, UploadHours hours) {}

    /**
     * @param binding how the kernel is spoken to
     * @param allowOther whether users other than the mounting one may enter; empty: when root mounts
     * @param writebackCache whether the kernel collects writes; only the kernel binding can
     * @param ioUring whether requests may come over io_uring; only the kernel binding can
     */
    public record Mount(Binding binding, Optional<Boolean> allowOther, boolean writebackCache, boolean ioUring) {}
}
