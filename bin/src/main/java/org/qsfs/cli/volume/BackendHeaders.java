package org.qsfs.cli.volume;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.ReservedValue;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.volume.VolumeHeaders;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;

/** Finds out which volume the backends of a configuration belong to, when neither configuration nor catalog says so. */
final class BackendHeaders {
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(10));
    private static final byte[] KEY = VolumeHeaders.BACKEND_KEY.getBytes(StandardCharsets.US_ASCII);

    private BackendHeaders() {}

    /**
     * The one volume of which the backends that answer hold a header.
     *
     * @throws CommandFailure when there is none, or more than one
     */
    static VolumeId volume(Config config) throws InterruptedException, CommandFailure {
        List<VolumeHeader> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Optional<VolumeHeader>>> reads = new ArrayList<>();
            for (BackendConfig backend : BackendSettings.backends(config)) {
                reads.add(() -> read(backend));
            }
            for (Future<Optional<VolumeHeader>> read : threads.invokeAll(reads)) {
                read.get().ifPresent(found::add);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("reading a volume header failed in an unexpected way", e.getCause());
        }
        Set<VolumeId> volumes = found.stream().map(VolumeHeader::volume).collect(Collectors.toSet());
        if (volumes.size() == 1) {
            return volumes.iterator().next();
        }
        throw new CommandFailure(
                volumes.isEmpty()
                        ? "no backend that can be reached holds the header of a volume; check their addresses, namespaces and passwords in "
                                + config.source()
                        : "the backends of " + config.source() + " hold headers of several volumes, " + volumes
                                + "; write volume_id and key_commitment of yours into the configuration");
    }

    private static Optional<VolumeHeader> read(BackendConfig backend) {
        try (ZdbClient client = new ZdbClient(backend.endpoint(), TIMEOUTS, 1)) {
            Optional<byte[]> bytes = ReservedValue.read(client, KEY);
            return bytes.isEmpty() ? Optional.empty() : Optional.of(VolumeHeader.decode(bytes.get()));
        } catch (ZdbException | MalformedException | StorException e) {
            return Optional.empty();
        }
    }
}
