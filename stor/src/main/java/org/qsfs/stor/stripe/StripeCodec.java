package org.qsfs.stor.stripe;

import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.AttemptKeys;
import org.qsfs.encryption.AuthenticationFailedException;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.stor.segment.StorException;

/**
 * Turns stripes of one attempt into the values of their shards and back: zstd or raw, AES-256-GCM in pieces, padding, Reed-Solomon, GMAC. {@link ShardHeader} has
 * the format.
 *
 * <p>Data shards lie in the values that go to the backends from the start; parity is computed beside them. Only the steps before, which need the stripe in one
 * piece, use {@link Scratch}.
 *
 * <p>Thread-safe: stripes are worked on at the same time.
 */
public final class StripeCodec implements AutoCloseable {
    private final Attempt attempt;
    private final AttemptKeys keys;
    private final ReedSolomon code;
    private final Scratch scratch;
    private final ArrayPool plains;
    private final ArrayPool valueSets;
    private final int k;
    private final int n;

    /**
     * @param keys keys of that attempt; closed with this codec
     * @param code the code for the attempt's k and n
     */
    public StripeCodec(Attempt attempt, AttemptKeys keys, ReedSolomon code, Scratch scratch) {
        this(
                attempt,
                keys,
                code,
                scratch,
                new ArrayPool(1, attempt.layout().stripeSize()),
                new ArrayPool(
                        attempt.policy().expectedShards(),
                        longestValue(
                                attempt.layout().stripeSize(), attempt.policy().minimalShards())));
    }

    /**
     * @param plains arrays of a stripe's size
     * @param valueSets arrays for the values of a stripe that was not compressed
     */
    StripeCodec(
            Attempt attempt,
            AttemptKeys keys,
            ReedSolomon code,
            Scratch scratch,
            ArrayPool plains,
            ArrayPool valueSets) {
        this.plains = plains;
        this.valueSets = valueSets;
        this.attempt = attempt;
        this.keys = keys;
        this.code = code;
        this.scratch = scratch;
        this.k = attempt.policy().minimalShards();
        this.n = attempt.policy().expectedShards();
        if (code.dataShards() != k
                || code.totalShards() != n
                || scratch.stripeSize() < attempt.layout().stripeSize()) {
            throw new IllegalArgumentException(
                    "code " + code.dataShards() + "+" + code.parityShards() + " or scratch of "
                            + scratch.stripeSize() + " bytes do not fit " + attempt.policy() + " with stripes of "
                            + attempt.layout().stripeSize());
        }
    }

    /** The attempt whose shards this codec makes and reads. */
    public Attempt attempt() {
        return attempt;
    }

    /** Bytes on the heap that one stripe under way needs at most: plain, compressed, and the values of n shards. */
    public static long memory(int stripeSize, int k, int n) {
        long sealed = AttemptKeys.sealedLength(stripeSize);
        return stripeSize
                + (long) Compressor.bound(stripeSize)
                + n * (Math.ceilDiv(sealed, (long) k) + ShardHeader.HEADER_BYTES + ShardHeader.MAC_BYTES);
    }

    /** Bytes that the value of a shard of a stripe has at most; it has fewer when the stripe was compressed. */
    public int longestValue(int stripe) {
        return longestValue(attempt.layout().length(stripe), k);
    }

    static int longestValue(int plainLength, int minimalShards) {
        return ShardHeader.HEADER_BYTES
                + Math.ceilDiv(AttemptKeys.sealedLength(plainLength), minimalShards)
                + ShardHeader.MAC_BYTES;
    }

    /** An array with room for any stripe; to be given to {@link #releasePlain} when nobody uses it any more. */
    public byte[] takePlain() {
        return plains.take(attempt.layout().stripeSize())[0];
    }

    /** See {@link #takePlain}. */
    public void releasePlain(byte[] plain) {
        plains.giveBack(new byte[][] {plain});
    }

    /** What {@link #encode} returned and nobody uses any more; not to call it costs time only. */
    public void releaseValues(byte[][] values) {
        valueSets.giveBack(values);
    }

    /**
     * Encrypts a stripe and makes its shards. Works once per stripe: nonces are not used twice.
     *
     * @param plain begins with the stripe's bytes, as many as the layout says
     * @return the value of every shard, by index
     */
    public byte[][] encode(int stripe, byte[] plain) {
        int length = attempt.layout().length(stripe);
        Scratch.Arrays arrays = scratch.take();
        try {
            int compressed = arrays.compressor.compress(plain, length, arrays.compressed);
            ShardHeader first = compressed < 0
                    ? new ShardHeader(attempt, stripe, 0, Compression.RAW, length)
                    : new ShardHeader(attempt, stripe, 0, Compression.ZSTD, compressed);
            byte[][] values = valueSets.take(first.valueLength());
            int sealed = keys.seal(
                    stripe,
                    first.associatedData(),
                    compressed < 0 ? plain : arrays.compressed,
                    0,
                    first.storedLength(),
                    (at, piece, count) -> spread(at, piece, count, values, first.payloadLength()));
            pad(sealed, values, first.payloadLength());
            code.encode(values, ShardHeader.HEADER_BYTES, first.payloadLength());
            for (int shard = 0; shard < n; shard++) {
                finish(first.ofShard(shard), values[shard]);
            }
            return values;
        } finally {
            scratch.giveBack(arrays);
        }
    }

    /** Whether a value is that shard of that stripe of this attempt, whole and unchanged. */
    public ShardCheck check(int stripe, int shard, byte[] value) {
        ShardCheck claim = claim(stripe, shard, value);
        int macOffset = value.length - ShardHeader.MAC_BYTES;
        if (claim instanceof ShardCheck.Good
                && !keys.verifyShardMac(stripe, shard, value, 0, macOffset, value, macOffset)) {
            return new ShardCheck.Bad("its bytes do not match its MAC: it was changed or written with other keys");
        }
        return claim;
    }

    /** Whether a value says that it is that shard of that stripe of this attempt. Its MAC is not looked at, so nothing of it may be trusted. */
    public ShardCheck claim(int stripe, int shard, byte[] value) {
        ShardHeader header;
        try {
            header = ShardHeader.decode(value);
        } catch (StorException damaged) {
            return new ShardCheck.Bad(String.valueOf(damaged.getMessage()));
        }
        if (!header.attempt().equals(attempt) || header.stripe() != stripe || header.shard() != shard) {
            return new ShardCheck.Bad("it is shard " + header.shard() + " of stripe " + header.stripe() + " of segment "
                    + header.attempt().segment() + ", attempt "
                    + header.attempt().id() + "; expected shard " + shard
                    + " of stripe " + stripe + " of segment " + attempt.segment() + ", attempt " + attempt.id());
        }
        return new ShardCheck.Good(header);
    }

    /**
     * Some plain bytes of a stripe, when the data shards that are there hold them: shards need not be checked for that, since every piece of 64 KiB has a tag of its
     * own.
     *
     * @param header header of any of the stripe's shards, {@linkplain #claim claimed} or checked
     * @param values values of shards by index, null for others
     * @return empty when the stripe was compressed, when other shards are needed, or when the bytes were changed
     */
    public Optional<byte[]> decodePart(ShardHeader header, byte[] @Nullable [] values, int from, int length) {
        int first = from / AttemptKeys.PIECE_BYTES;
        int end = Math.ceilDiv(from + length, AttemptKeys.PIECE_BYTES);
        int payload = header.payloadLength();
        if (header.compression() != Compression.RAW || !areThere(header, values, shardsOf(header, from, length))) {
            return Optional.empty();
        }
        byte[] pieces = new byte[(end - first) * AttemptKeys.PIECE_BYTES];
        try {
            keys.openPieces(
                    header.stripe(),
                    header.associatedData(),
                    first,
                    end,
                    (at, piece, count) -> gather(at, piece, count, values, payload),
                    header.sealedLength(),
                    pieces,
                    0);
        } catch (AuthenticationFailedException changed) {
            return Optional.empty();
        }
        int offset = from - first * AttemptKeys.PIECE_BYTES;
        return Optional.of(Arrays.copyOfRange(pieces, offset, offset + length));
    }

    /** The data shards that hold these plain bytes of a stripe, if it was not compressed. */
    public BitSet shardsOf(int stripe, int from, int length) {
        int plain = attempt.layout().length(stripe);
        return shardsOf(new ShardHeader(attempt, stripe, 0, Compression.RAW, plain), from, length);
    }

    private static BitSet shardsOf(ShardHeader raw, int from, int length) {
        int end = AttemptKeys.pieceOffset(Math.ceilDiv(from + length, AttemptKeys.PIECE_BYTES));
        int first = AttemptKeys.pieceOffset(from / AttemptKeys.PIECE_BYTES) / raw.payloadLength();
        int last = (Math.min(end, raw.sealedLength()) - 1) / raw.payloadLength();
        BitSet shards = new BitSet();
        shards.set(first, last + 1);
        return shards;
    }

    private static boolean areThere(ShardHeader header, byte[] @Nullable [] values, BitSet shards) {
        return shards.stream().allMatch(shard -> {
            byte[] value = values[shard];
            return value != null && value.length == header.valueLength();
        });
    }

    /**
     * Adds data shards that are missing, computed from others.
     *
     * @param values values of at least k shards by index, null for others
     * @throws StorException.Damaged when they do not belong together
     */
    public void restoreData(ShardHeader header, byte[] @Nullable [] values) throws StorException {
        for (byte[] value : values) {
            if (value != null && value.length != header.valueLength()) {
                throw doesNotOpen(header, "its shards have different lengths");
            }
        }
        reconstruct(header, values, shard -> shard < k);
    }

    /**
     * The plain bytes of a stripe. Its tags prove them, so shards need not be checked before.
     *
     * @param header header of any of its shards, {@linkplain #claim claimed} or checked
     * @param values values of at least k shards, claimed or checked, by index, null for others; missing data shards are added
     * @throws StorException.Damaged when the bytes do not open: some shard is not what it says, or, when all were {@linkplain #check checked}, the keys are wrong
     */
    public byte[] decode(ShardHeader header, byte[] @Nullable [] values) throws StorException {
        restoreData(header, values);
        Scratch.Arrays arrays = scratch.take();
        try {
            byte[] plain = new byte[header.plainLength()];
            boolean raw = header.compression() == Compression.RAW;
            keys.open(
                    header.stripe(),
                    header.associatedData(),
                    (at, piece, count) -> gather(at, piece, count, values, header.payloadLength()),
                    header.sealedLength(),
                    raw ? plain : arrays.compressed,
                    0);
            if (!raw) {
                Compressor.decompress(arrays.compressed, header.storedLength(), plain, plain.length);
            }
            return plain;
        } catch (AuthenticationFailedException | ZstdException failed) {
            throw doesNotOpen(header, failed.getMessage());
        } finally {
            scratch.giveBack(arrays);
        }
    }

    private StorException.Damaged doesNotOpen(ShardHeader header, @Nullable String reason) {
        return new StorException.Damaged(
                "stripe " + header.stripe() + " of segment " + attempt.segment() + " does not open: " + reason);
    }

    /**
     * Makes chosen shards of a stripe again, without encrypting anything.
     *
     * @param header header of any of its shards
     * @param values values of at least k checked shards, by index, null for others; the wanted ones are added
     * @param wanted indexes of the shards to make
     */
    public void regenerate(ShardHeader header, byte[] @Nullable [] values, List<Integer> wanted) {
        boolean[] missing = new boolean[n];
        for (int shard : wanted) {
            missing[shard] = values[shard] == null;
        }
        reconstruct(header, values, wanted::contains);
        for (int shard : wanted) {
            byte[] value = values[shard];
            if (missing[shard] && value != null) {
                finish(header.ofShard(shard), value);
            }
        }
    }

    private interface ShardChoice {
        boolean wants(int shard);
    }

    /** Computes the payloads of the missing ones among the chosen shards. */
    private void reconstruct(ShardHeader header, byte[] @Nullable [] values, ShardChoice choice) {
        boolean[] present = new boolean[n];
        boolean[] wanted = new boolean[n];
        for (int shard = 0; shard < n; shard++) {
            present[shard] = values[shard] != null;
        }
        for (int shard = 0; shard < n; shard++) {
            if (!present[shard] && choice.wants(shard)) {
                wanted[shard] = true;
                values[shard] = new byte[header.valueLength()];
            }
        }
        code.reconstruct(values, present, wanted, ShardHeader.HEADER_BYTES, header.payloadLength());
    }

    private void finish(ShardHeader header, byte[] value) {
        header.encodeTo(value);
        int macOffset = value.length - ShardHeader.MAC_BYTES;
        keys.shardMac(header.stripe(), header.shard(), value, 0, macOffset, value, macOffset);
    }

    /** Puts a part of the sealed stripe, which begins at {@code at}, where it belongs in the data shards. */
    private static void spread(int at, byte[] part, int count, byte[][] values, int payload) {
        for (int done = 0; done < count; ) {
            int shard = (at + done) / payload;
            int offset = (at + done) % payload;
            int length = Math.min(count - done, payload - offset);
            System.arraycopy(part, done, values[shard], ShardHeader.HEADER_BYTES + offset, length);
            done += length;
        }
    }

    /** Fills the data shards behind the sealed stripe: the arrays may have been used before, and a value has to be a pure function of its name. */
    private void pad(int sealed, byte[][] values, int payload) {
        for (int shard = sealed / payload; shard < k; shard++) {
            int from = Math.max(0, sealed - shard * payload);
            Arrays.fill(values[shard], ShardHeader.HEADER_BYTES + from, ShardHeader.HEADER_BYTES + payload, (byte) 0);
        }
    }

    /** Takes a part of the sealed stripe, which begins at {@code at}, from the data shards. */
    private static void gather(int at, byte[] part, int count, byte[] @Nullable [] values, int payload) {
        for (int done = 0; done < count; ) {
            int offset = (at + done) % payload;
            int length = Math.min(count - done, payload - offset);
            byte[] value = Objects.requireNonNull(values[(at + done) / payload], "a data shard");
            System.arraycopy(value, ShardHeader.HEADER_BYTES + offset, part, done, length);
            done += length;
        }
    }

    /** Wipes the keys. */
    @Override
    public void close() {
        keys.close();
    }
}
