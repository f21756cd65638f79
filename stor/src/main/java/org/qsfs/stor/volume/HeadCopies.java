package org.qsfs.stor.volume;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.qsfs.encryption.EncryptionException;
import org.qsfs.encryption.Sealer;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of the head on the backends, under the reserved key {@value #KEY} (format: {@link Head}, sealed with the label {@value #LABEL} and the key as associated
 * data). They let a restore find the newest head when the catalog is lost, and notice when the catalog was set back.
 *
 * <p>Thread-safe.
 */
public final class HeadCopies {
    /** Key on the backends. */
    public static final String KEY = "qsfs-head";

    private static final String LABEL = "head";
    private static final Logger LOG = LoggerFactory.getLogger(HeadCopies.class);
    private static final byte[] KEY_BYTES = KEY.getBytes(StandardCharsets.US_ASCII);

    private final ReplicatedValues copies;
    private final Sealer sealer;

    public HeadCopies(BackendPool pool, VolumeKeys keys) {
        this.copies = new ReplicatedValues(pool);
        this.sealer = keys.sealer(LABEL);
    }

    /**
     * Writes a head to every backend that can take it.
     *
     * @return the backends that did not, and why
     */
    public List<BackendFailure> write(Head head) throws InterruptedException {
        return copies.write(KEY_BYTES, sealer.seal(KEY_BYTES, head.encode()));
    }

    /** Writes a head to one backend. */
    public void write(Backend backend, Head head) {
        backend.write(KEY_BYTES, sealer.seal(KEY_BYTES, head.encode()));
    }

    /** The newest head of all copies that can be read and opened: highest epoch, then highest meta segment. */
    public Optional<Head> newest() throws InterruptedException {
        return copies.read(KEY_BYTES).entrySet().stream()
                .map(this::open)
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(Head::epoch)
                        .thenComparingInt(head -> head.lastMeta().number())
                        .thenComparing(Head::published));
    }

    private Optional<Head> open(Map.Entry<BackendId, byte[]> copy) {
        try {
            return Optional.of(Head.decode(sealer.open(KEY_BYTES, copy.getValue())));
        } catch (EncryptionException | StorException damaged) {
            LOG.warn("the copy of the head on backend {} is not used: {}", copy.getKey(), damaged.getMessage());
            return Optional.empty();
        }
    }
}
