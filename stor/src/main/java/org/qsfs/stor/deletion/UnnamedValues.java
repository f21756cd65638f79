package org.qsfs.stor.deletion;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Values of a sequential namespace whose ids no record names. Who wrote one is only known when it was read. */
final class UnnamedValues {
    private static final Logger LOG = LoggerFactory.getLogger(UnnamedValues.class);
    /** More are left for the next time. */
    private static final int MOST = 200_000;

    private final VolumeId volume;
    private final Backend backend;
    private final long incarnation;

    /**
     * One value.
     *
     * @param length in bytes
     * @param timestamp of its last change, seconds since 1970
     */
    record Value(long id, long length, long timestamp) {}

    UnnamedValues(VolumeId volume, Backend backend, long incarnation) {
        this.volume = volume;
        this.backend = backend;
        this.incarnation = incarnation;
    }

    /** Lists them, lowest first. */
    List<Value> list(NamedValues named) {
        List<Value> found = new ArrayList<>();
        backend.scan(entry -> {
            OptionalLong id = SequentialKey.id(entry.key());
            if (id.isPresent() && found.size() < MOST && !named.contains(id.getAsLong())) {
                found.add(new Value(id.getAsLong(), entry.length(), entry.timestamp()));
            }
        });
        return found;
    }

    /** What a value says of itself; empty when it is no shard of this volume, is damaged, or is gone. */
    Optional<ShardHeader> header(Value value) {
        try {
            Optional<byte[]> bytes = backend.read(incarnation, value.id());
            return bytes.isEmpty()
                    ? Optional.empty()
                    : Optional.of(ShardHeader.decode(bytes.get()))
                            .filter(header -> header.attempt().volume().equals(volume));
        } catch (StorException | ZdbException.Unreadable damaged) {
            LOG.debug("value {} on {}: {}", value.id(), backend.id(), damaged.getMessage());
            return Optional.empty();
        }
    }

    void delete(Value value) {
        backend.delete(incarnation, value.id());
    }
}
