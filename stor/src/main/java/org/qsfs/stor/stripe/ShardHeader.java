package org.qsfs.stor.stripe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.AttemptKeys;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StripeLayout;

/**
 * What a shard says of itself. A shard's value on a backend, one per stripe (format), big-endian:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSHARD"
 *   8     2   format version, 1
 *  10     1   namespace: 0 data, 1 meta
 *  11     1   compression of the stripe: 0 raw, 1 zstd
 *  12     4   version of the master key
 *  16    16   volume id
 *  32    16   attempt id
 *  48     8   epoch of the segment
 *  56     4   number of the segment
 *  60     4   stripe
 *  64     2   shard index: below k a data shard, else parity
 *  66     2   k
 *  68     2   n
 *  70     2   redundant groups
 *  72     2   redundant nodes
 *  74     2   0
 *  76     4   stripe size
 *  80     4   number of stripes
 *  84     4   plain length: bytes of this stripe
 *  88     4   stored length: bytes of it after compression
 *  92     4   payload length p
 *  96     8   segment length
 * 104     p   payload
 * 104+p  16   GMAC over everything before, nonce (stripe, shard), key of the attempt
 * </pre>
 *
 * <p>The payloads of the k data shards, one behind the other, are the sealed stripe, padded with zeros to k times p, where p = ceil(sealed length / k). The others
 * are Reed-Solomon parity of them. Header and payload are a pure function of attempt, stripe and shard; policy and lengths of the segment are in every shard, so
 * that shards alone rebuild a lost catalog.
 *
 * <p>Associated data of the sealed stripe (format): {@value #ASSOCIATED_BYTES} bytes, big-endian.
 *
 * <pre>
 * offset size
 *   0     8   "QSFSSTRP"
 *   8     2   format version, 1
 *  10     1   namespace
 *  11     1   compression
 *  12     4   number of the segment
 *  16    16   volume id
 *  32    16   attempt id
 *  48     8   epoch of the segment
 *  56     4   stripe
 *  60     4   number of stripes
 *  64     4   plain length
 *  68     4   stored length
 *  72     8   segment length
 * </pre>
 *
 * @param attempt the attempt that wrote it
 * @param stripe the stripe, from 0
 * @param shard the shard index, from 0
 * @param compression how the stripe was made smaller
 * @param storedLength bytes of the stripe after compression
 */
public record ShardHeader(Attempt attempt, int stripe, int shard, Compression compression, int storedLength) {
    /** Bytes before the payload. */
    public static final int HEADER_BYTES = 104;

    /** Bytes after the payload. */
    public static final int MAC_BYTES = AttemptKeys.MAC_BYTES;

    static final int ASSOCIATED_BYTES = 80;

    private static final byte[] MAGIC = "QSFSHARD".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STRIPE_LABEL = "QSFSSTRP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    public ShardHeader {
        if (stripe < 0 || stripe >= attempt.layout().stripes()) {
            throw new IllegalArgumentException(
                    "stripe " + stripe + " of " + attempt.layout().stripes());
        }
        if (shard < 0 || shard >= attempt.policy().expectedShards()) {
            throw new IllegalArgumentException(
                    "shard " + shard + " of " + attempt.policy().expectedShards());
        }
        int plainLength = attempt.layout().length(stripe);
        if (!fits(compression, storedLength, plainLength)) {
            throw new IllegalArgumentException(
                    "stored length " + storedLength + " of a stripe of " + plainLength + " bytes, " + compression);
        }
    }

    /** Bytes of the stripe. */
    public int plainLength() {
        return attempt.layout().length(stripe);
    }

    /** Bytes of the stripe after compression and encryption. */
    public int sealedLength() {
        return AttemptKeys.sealedLength(storedLength);
    }

    /** Bytes of the payload of each of the stripe's shards. */
    public int payloadLength() {
        return Math.ceilDiv(sealedLength(), attempt.policy().minimalShards());
    }

    /** Bytes of the value of each of the stripe's shards. */
    public int valueLength() {
        return HEADER_BYTES + payloadLength() + MAC_BYTES;
    }

    /** The header of another shard of the same stripe. */
    public ShardHeader ofShard(int other) {
        return new ShardHeader(attempt, stripe, other, compression, storedLength);
    }

    /** Writes the header to the begin of a value. */
    void encodeTo(byte[] value) {
        RedundancyPolicy policy = attempt.policy();
        ByteBuffer.wrap(value)
                .put(MAGIC)
                .putShort((short) VERSION)
                .put(attempt.segment().namespace().code())
                .put(compression.code())
                .putInt(attempt.keyVersion())
                .put(attempt.volume().toBytes())
                .put(attempt.id().toBytes())
                .putLong(attempt.segment().epoch())
                .putInt(attempt.segment().number())
                .putInt(stripe)
                .putShort((short) shard)
                .putShort((short) policy.minimalShards())
                .putShort((short) policy.expectedShards())
                .putShort((short) policy.redundantGroups())
                .putShort((short) policy.redundantNodes())
                .putShort((short) 0)
                .putInt(attempt.layout().stripeSize())
                .putInt(attempt.layout().stripes())
                .putInt(plainLength())
                .putInt(storedLength)
                .putInt(payloadLength())
                .putLong(attempt.layout().segmentLength());
    }

    /** What is authenticated with the sealed stripe. */
    byte[] associatedData() {
        return ByteBuffer.allocate(ASSOCIATED_BYTES)
                .put(STRIPE_LABEL)
                .putShort((short) VERSION)
                .put(attempt.segment().namespace().code())
                .put(compression.code())
                .putInt(attempt.segment().number())
                .put(attempt.volume().toBytes())
                .put(attempt.id().toBytes())
                .putLong(attempt.segment().epoch())
                .putInt(stripe)
                .putInt(attempt.layout().stripes())
                .putInt(plainLength())
                .putInt(storedLength)
                .putLong(attempt.layout().segmentLength())
                .array();
    }

    /**
     * Reads the header of a value and checks that its lengths agree with each other and with the value. The MAC is not checked: whoever has no key may read headers,
     * and must not trust them.
     *
     * @throws StorException when the bytes are not the value of a shard
     */
    public static ShardHeader decode(byte[] value) throws StorException {
        FieldReader in = new FieldReader("a shard", Arrays.copyOf(value, Math.min(value.length, HEADER_BYTES)));
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        SegmentNamespace namespace =
                SegmentNamespace.ofCode(in.u8()).orElseThrow(() -> in.damaged("its namespace is unknown"));
        Compression compression =
                Compression.ofCode(in.u8()).orElseThrow(() -> in.damaged("its compression is unknown"));
        int keyVersion = in.i32("its key version");
        VolumeId volume = VolumeId.of(in.bytes(VolumeId.BYTES));
        AttemptId id = AttemptId.of(in.bytes(AttemptId.BYTES));
        SegmentId segment = new SegmentId(in.i64("its epoch"), namespace, in.i32("its segment"));
        int stripe = in.i32("its stripe");
        int shard = in.u16();
        RedundancyPolicy policy = RedundancyPolicy.read(in);
        int reserved = in.u16();
        int stripeSize = in.i32("its stripe size");
        int stripes = in.i32("its number of stripes");
        int plainLength = in.i32("its plain length");
        int storedLength = in.i32("its stored length");
        int payloadLength = in.i32("its payload length");
        StripeLayout layout = StripeLayout.checked(in, in.i64("its segment length"), stripeSize);
        if (reserved != 0
                || shard >= policy.expectedShards()
                || stripes != layout.stripes()
                || stripe >= stripes
                || plainLength != layout.length(stripe)
                || !fits(compression, storedLength, plainLength)) {
            throw in.damaged("its numbers contradict each other");
        }
        Attempt attempt = new Attempt(volume, segment, id, keyVersion, policy, layout);
        ShardHeader header = new ShardHeader(attempt, stripe, shard, compression, storedLength);
        if (payloadLength != header.payloadLength() || value.length != header.valueLength()) {
            throw in.damaged("it has " + value.length + " bytes, expected " + header.valueLength());
        }
        return header;
    }

    /** The name of the value that these bytes say they are; empty when they are none. As little to be trusted as {@link #decode}. */
    public static Optional<ShardName> nameOf(byte[] value) {
        try {
            ShardHeader header = decode(value);
            return Optional.of(
                    new ShardName(header.attempt.volume(), header.attempt.id(), header.stripe, header.shard));
        } catch (StorException none) {
            return Optional.empty();
        }
    }

    private static boolean fits(Compression compression, int storedLength, int plainLength) {
        return compression == Compression.RAW
                ? storedLength == plainLength
                : storedLength > 0 && storedLength < plainLength;
    }
}
