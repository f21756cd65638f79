package org.qsfs.stor.stripe;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeId;

/**
 * Key of a shard's value for one stripe in a user-mode namespace (format): {@value #BYTES} bytes, big-endian.
 *
 * <pre>
 * offset size
 *   0     1   'S'
 *   1    16   volume id
 *  17    16   attempt id
 *  33     4   stripe
 *  37     2   shard index
 * </pre>
 *
 * @param volume the volume
 * @param attempt the attempt that wrote it
 * @param stripe the stripe, from 0
 * @param shard the shard index, from 0
 */
public record ShardName(VolumeId volume, AttemptId attempt, int stripe, int shard) {
    /** Length of a name. */
    public static final int BYTES = 39;

    private static final byte MARK = 'S';

    /** The bytes of the format above. */
    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .put(MARK)
                .put(volume.toBytes())
                .put(attempt.toBytes())
                .putInt(stripe)
                .putShort((short) shard)
                .array();
    }

    /** The name with these bytes, empty when they are none. */
    public static Optional<ShardName> decode(byte[] key) {
        if (key.length != BYTES || key[0] != MARK) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(key, 1, BYTES - 1);
        byte[] volume = new byte[VolumeId.BYTES];
        byte[] attempt = new byte[AttemptId.BYTES];
        in.get(volume).get(attempt);
        int stripe = in.getInt();
        int shard = Short.toUnsignedInt(in.getShort());
        return stripe < 0
                ? Optional.empty()
                : Optional.of(new ShardName(VolumeId.of(volume), AttemptId.of(attempt), stripe, shard));
    }
}
