package org.qsfs.metadata.zdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What one namespace holds of one value (format), big-endian:
 *
 * <pre>
 * offset size
 *   0     4   magic "QCS1"
 *   4     1   k
 *   5     1   n
 *   6     1   index of this shard, below n
 *   7     1   kind: 1 value, 2 deleted
 *   8     8   epoch
 *  16     8   revision
 *  24     4   length of the value
 *  28     2   length of the key
 *  30     …   key, ASCII
 *         …   shard: 1/k of the value, padded with zeros, at least one byte; with n − k of parity, see the erasure module
 *         4   CRC-32C of everything before
 * </pre>
 *
 * <p>It lies under a name (format), 41 bytes: {@code 'K'}, 8 bytes of SHA-256 of the scope, epoch (8), 24 bytes of SHA-256 of the key. The transaction that was committed last in an epoch is kept in
 * the same way under {@code 'T'}, scope, epoch, with the empty key; who is the writer is under {@code 'W'}, scope, whole in every namespace ({@link WriterRecord}).
 */
record ShardFormat(
        int k, int n, int index, boolean deleted, long epoch, long revision, int length, String key, byte[] payload) {
    static final int NAME_BYTES = 41;

    private static final byte[] MAGIC = "QCS1".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_BYTES = 30;
    private static final int SCOPE_BYTES = 8;
    private static final int HASH_BYTES = 24;
    private static final int PUT = 1;
    private static final int DELETED = 2;

    byte[] encode() {
        byte[] name = key.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + name.length + payload.length + Integer.BYTES)
                .put(MAGIC)
                .put((byte) k)
                .put((byte) n)
                .put((byte) index)
                .put((byte) (deleted ? DELETED : PUT))
                .putLong(epoch)
                .putLong(revision)
                .putInt(length)
                .putShort((short) name.length)
                .put(name)
                .put(payload);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /** The shard with these bytes, empty when they are none or damaged. */
    static Optional<ShardFormat> decode(byte[] bytes) {
        if (bytes.length < FIXED_BYTES + Integer.BYTES
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        int end = bytes.length - Integer.BYTES;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(end) != crc(bytes, end)) {
            return Optional.empty();
        }
        in.position(MAGIC.length);
        int k = Byte.toUnsignedInt(in.get());
        int n = Byte.toUnsignedInt(in.get());
        int index = Byte.toUnsignedInt(in.get());
        int kind = in.get();
        long epoch = in.getLong();
        long revision = in.getLong();
        int length = in.getInt();
        int keyLength = Short.toUnsignedInt(in.getShort());
        if (k < 1
                || n <= k
                || index >= n
                || length < 0
                || keyLength > end - FIXED_BYTES
                || kind < PUT
                || kind > DELETED) {
            return Optional.empty();
        }
        String key = new String(bytes, FIXED_BYTES, keyLength, StandardCharsets.US_ASCII);
        byte[] payload = Arrays.copyOfRange(bytes, FIXED_BYTES + keyLength, end);
        return payload.length != payloadLength(length, k)
                ? Optional.empty()
                : Optional.of(new ShardFormat(k, n, index, kind == DELETED, epoch, revision, length, key, payload));
    }

    static int payloadLength(int length, int k) {
        return Math.ceilDiv(Math.max(1, length), k);
    }

    /** Name of a key's value of an epoch. */
    static byte[] valueName(String scope, long epoch, String key) {
        return ByteBuffer.allocate(NAME_BYTES)
                .put((byte) 'K')
                .put(hash(scope), 0, SCOPE_BYTES)
                .putLong(epoch)
                .put(hash(key), 0, HASH_BYTES)
                .array();
    }

    /** Name of the last transaction of an epoch. */
    static byte[] transactionName(String scope, long epoch) {
        return ByteBuffer.allocate(1 + SCOPE_BYTES + Long.BYTES)
                .put((byte) 'T')
                .put(hash(scope), 0, SCOPE_BYTES)
                .putLong(epoch)
                .array();
    }

    /** Name of the writer record. */
    static byte[] writerName(String scope) {
        return ByteBuffer.allocate(1 + SCOPE_BYTES)
                .put((byte) 'W')
                .put(hash(scope), 0, SCOPE_BYTES)
                .array();
    }

    /** Whether a name is that of a value of this scope. */
    static boolean isValueName(String scope, byte[] name) {
        return name.length == NAME_BYTES
                && name[0] == 'K'
                && Arrays.equals(name, 1, 1 + SCOPE_BYTES, hash(scope), 0, SCOPE_BYTES);
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
