package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * The two keys of one attempt to store one segment: one seals stripes, the other authenticates shards.
 *
 * <p>Keys are HKDF-SHA-256 of the master key with the attempt id as salt, so they are new in every attempt and counters
 * can serve as nonces. A stripe is therefore sealed at most once: a second {@link #seal} of the same stripe throws.
 *
 * <pre>
 * sealed stripe (format): pieces, one behind the other; every piece but the last holds 65,536 plain bytes,
 * the last holds 1–65,536, or 0 when the stripe is empty
 * bytes     field
 * 0–65,536  ciphertext, AES-256-GCM
 * 16        tag
 *
 * nonce of a piece (format)          nonce of a shard MAC (format)
 * bytes  field                       bytes  field
 * 4      zero                        4      zero
 * 4      stripe, big endian          4      stripe, big endian
 * 4      piece, big endian           4      shard, big endian
 *
 * associated data of a piece (format)
 * bytes  field
 * …      what the caller gives
 * 4      piece, big endian
 * 4      number of pieces, big endian
 * </pre>
 *
 * <p>Because the number of pieces and each index are authenticated, pieces cannot be dropped, added or swapped.
 *
 * <p>Thread-safe. {@link #close} wipes both keys; calls after that throw {@link IllegalStateException}.
 */
public final class AttemptKeys implements AutoCloseable {
    /** Plain bytes per piece. AES-GCM in the JDK is fastest, and warm soonest, with pieces of this size. */
    public static final int PIECE_BYTES = 64 << 10;

    /** Bytes by which a piece grows. */
    public static final int TAG_BYTES = Gcm.TAG_BYTES;

    /** Bytes of a shard's MAC. */
    public static final int MAC_BYTES = Gcm.TAG_BYTES;

    /** Stripes of one attempt are numbered from 0 to this, exclusive. */
    public static final int MAX_STRIPES = 1 << 20;

    /** Shards of one stripe are numbered from 0 to this, exclusive. */
    public static final int MAX_SHARDS = 256;

    private final AttemptId attempt;
    private final RawKey sealKey;
    private final RawKey macKey;
    private final BitSet sealedStripes = new BitSet();

    AttemptKeys(AttemptId attempt, RawKey sealKey, RawKey macKey) {
        this.attempt = attempt;
        this.sealKey = sealKey;
        this.macKey = macKey;
    }

    /** The attempt these keys belong to. */
    public AttemptId attempt() {
        return attempt;
    }

    /** Number of pieces of a stripe of {@code plainLength} bytes. */
    public static int pieceCount(int plainLength) {
        return Math.max(1, Math.ceilDiv(plainLength, PIECE_BYTES));
    }

    /**
     * Bytes of a sealed stripe of {@code plainLength} bytes.
     *
     * @throws IllegalArgumentException if negative, or too long for an array
     */
    public static int sealedLength(int plainLength) {
        long sealed = plainLength + (long) TAG_BYTES * pieceCount(plainLength);
        if (plainLength < 0 || sealed > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException("cannot seal a stripe of " + plainLength + " bytes");
        }
        return (int) sealed;
    }

    /** Where piece {@code piece} begins in a sealed stripe, in bytes. */
    public static int pieceOffset(int piece) {
        return Math.multiplyExact(piece, PIECE_BYTES + TAG_BYTES);
    }

    /**
     * Seals a stripe.
     *
     * @param associatedData authenticated with every piece and not stored here; must be the same for {@link #open}
     * @param out receives {@link #sealedLength} bytes from {@code outOffset}; must not overlap the input
     * @return the number of bytes written
     * @throws IllegalStateException if this stripe was sealed before: its nonces are used up. Keep the sealed bytes
     *     until all shards are acknowledged, or begin a new attempt
     */
    public int seal(int stripe, byte[] associatedData, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
        checkRange("sealed stripe", out, outOffset, sealedLength(length));
        return seal(
                stripe,
                associatedData,
                in,
                inOffset,
                length,
                (at, piece, count) -> System.arraycopy(piece, 0, out, outOffset + at, count));
    }

    /** Takes the sealed pieces of a stripe, in order. */
    public interface SealedPieces {
        /**
         * @param at where the piece begins in the sealed stripe, in bytes
         * @param piece begins with it; used again for the next
         * @param count its bytes
         */
        void take(int at, byte[] piece, int count);
    }

    /** Like {@link #seal(int, byte[], byte[], int, int, byte[], int)}, for sealed bytes that do not go into one array. */
    public int seal(int stripe, byte[] associatedData, byte[] in, int inOffset, int length, SealedPieces out) {
        checkIndex("stripe", stripe, MAX_STRIPES);
        int sealedLength = sealedLength(length);
        checkRange("plain stripe", in, inOffset, length);
        useNoncesOf(stripe);
        Cipher cipher = Gcm.cipher();
        byte[] nonce = nonce(stripe, 0);
        byte[] pieceData = pieceData(associatedData, pieceCount(length));
        byte[] sealed = new byte[Math.min(length, PIECE_BYTES) + TAG_BYTES];
        int from = inOffset;
        int end = inOffset + length;
        try {
            for (int piece = 0; piece < pieceCount(length); piece++) {
                int plain = Math.min(PIECE_BYTES, end - from);
                start(cipher, Cipher.ENCRYPT_MODE, nonce, pieceData, piece);
                out.take(pieceOffset(piece), sealed, cipher.doFinal(in, from, plain, sealed, 0));
                from += plain;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing " + name(stripe) + " failed", e);
        }
        return sealedLength;
    }

    /**
     * Opens a sealed stripe. On failure the output range is zero.
     *
     * @param sealedLength bytes of the whole sealed stripe, without padding
     * @param out receives the plain bytes from {@code outOffset}; must not overlap the input
     * @return the number of plain bytes
     * @throws AuthenticationFailedException if anything differs from what was sealed
     */
    public int open(
            int stripe, byte[] associatedData, byte[] in, int inOffset, int sealedLength, byte[] out, int outOffset)
            throws AuthenticationFailedException {
        checkRange("sealed stripe", in, inOffset, sealedLength);
        return open(
                stripe,
                associatedData,
                (at, piece, count) -> System.arraycopy(in, inOffset + at, piece, 0, count),
                sealedLength,
                out,
                outOffset);
    }

    /** Gives the sealed pieces of a stripe. */
    public interface PieceSource {
        /**
         * @param at where the piece begins in the sealed stripe, in bytes
         * @param piece is to begin with it
         * @param count its bytes
         */
        void give(int at, byte[] piece, int count);
    }

    /** Like {@link #open(int, byte[], byte[], int, int, byte[], int)}, for sealed bytes that do not lie in one array. */
    public int open(int stripe, byte[] associatedData, PieceSource in, int sealedLength, byte[] out, int outOffset)
            throws AuthenticationFailedException {
        checkIndex("stripe", stripe, MAX_STRIPES);
        int pieces = sealedPieceCount(stripe, sealedLength);
        int plainLength = sealedLength - TAG_BYTES * pieces;
        checkRange("plain stripe", out, outOffset, plainLength);
        boolean opened = false;
        try {
            openRange(stripe, associatedData, 0, pieces, pieces, in, sealedLength, out, outOffset);
            opened = true;
        } finally {
            if (!opened) {
                Arrays.fill(out, outOffset, outOffset + plainLength, (byte) 0);
            }
        }
        return plainLength;
    }

    /**
     * Opens some pieces of a sealed stripe, for small reads. On failure the output is zero from the piece concerned on.
     *
     * @param first index of the first piece; it begins at {@link #pieceOffset} of the sealed stripe
     * @param end index behind the last one
     * @param in is asked for these pieces only
     * @param sealedLength bytes of the whole sealed stripe, without padding
     * @param out receives the plain bytes of the pieces from {@code outOffset}
     * @return the number of plain bytes
     * @throws AuthenticationFailedException if anything differs from what was sealed
     */
    public int openPieces(
            int stripe,
            byte[] associatedData,
            int first,
            int end,
            PieceSource in,
            int sealedLength,
            byte[] out,
            int outOffset)
            throws AuthenticationFailedException {
        checkIndex("stripe", stripe, MAX_STRIPES);
        int pieces = sealedPieceCount(stripe, sealedLength);
        checkIndex("piece", first, pieces);
        checkIndex("last piece", end - 1, pieces);
        int plainLength = Math.min(sealedLength, pieceOffset(end)) - pieceOffset(first) - TAG_BYTES * (end - first);
        checkRange("plain pieces", out, outOffset, plainLength);
        Arrays.fill(out, outOffset, outOffset + plainLength, (byte) 0);
        openRange(stripe, associatedData, first, end, pieces, in, sealedLength, out, outOffset);
        return plainLength;
    }

    /**
     * Writes the 16-byte MAC of a shard: GMAC, that is AES-GCM of no plaintext with the bytes as associated data.
     *
     * <p>The bytes must be a pure function of (attempt, stripe, shard): MACs of two different values under one nonce
     * would let an attacker forge others.
     */
    public void shardMac(int stripe, int shard, byte[] value, int offset, int length, byte[] out, int outOffset) {
        checkIndex("stripe", stripe, MAX_STRIPES);
        checkIndex("shard", shard, MAX_SHARDS);
        checkRange("shard", value, offset, length);
        checkRange("MAC", out, outOffset, MAC_BYTES);
        try {
            Cipher cipher = Gcm.cipher();
            Gcm.start(cipher, Cipher.ENCRYPT_MODE, macKey, nonce(stripe, shard));
            cipher.updateAAD(value, offset, length);
            cipher.doFinal(out, outOffset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("MAC of shard " + shard + " of " + name(stripe) + " failed", e);
        }
    }

    /** Whether the 16 bytes at {@code macOffset} are the MAC of the shard. Takes the same time for every wrong MAC. */
    public boolean verifyShardMac(
            int stripe, int shard, byte[] value, int offset, int length, byte[] mac, int macOffset) {
        checkRange("MAC", mac, macOffset, MAC_BYTES);
        byte[] expected = new byte[MAC_BYTES];
        shardMac(stripe, shard, value, offset, length, expected, 0);
        return MessageDigest.isEqual(expected, Arrays.copyOfRange(mac, macOffset, macOffset + MAC_BYTES));
    }

    /** Wipes the keys. */
    @Override
    public void close() {
        sealKey.close();
        macKey.close();
    }

    /** Names the attempt, not its keys. */
    @Override
    public String toString() {
        return "AttemptKeys[" + attempt + "]";
    }

    private void openRange(
            int stripe,
            byte[] associatedData,
            int firstPiece,
            int endPiece,
            int pieces,
            PieceSource in,
            int sealedLength,
            byte[] out,
            int outOffset)
            throws AuthenticationFailedException {
        Cipher cipher = Gcm.cipher();
        byte[] nonce = nonce(stripe, 0);
        byte[] pieceData = pieceData(associatedData, pieces);
        byte[] sealedPiece = new byte[Math.min(sealedLength, PIECE_BYTES + TAG_BYTES)];
        int from = pieceOffset(firstPiece);
        int to = outOffset;
        for (int piece = firstPiece; piece < endPiece; piece++) {
            int sealed = Math.min(PIECE_BYTES + TAG_BYTES, sealedLength - from);
            in.give(from, sealedPiece, sealed);
            try {
                start(cipher, Cipher.DECRYPT_MODE, nonce, pieceData, piece);
                to += cipher.doFinal(sealedPiece, 0, sealed, out, to);
            } catch (AEADBadTagException e) {
                // the JDK's provider does this too, others need not
                Arrays.fill(out, to, to + sealed - TAG_BYTES, (byte) 0);
                throw new AuthenticationFailedException("piece " + piece + " of " + pieces + " of " + name(stripe)
                        + " does not match its tag: its bytes were changed or belong elsewhere");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("opening " + name(stripe) + " failed", e);
            }
            from += sealed;
        }
    }

    /** Sets the counters in {@code nonce} and {@code pieceData} and starts a piece. */
    private void start(Cipher cipher, int mode, byte[] nonce, byte[] pieceData, int piece)
            throws GeneralSecurityException {
        ByteBuffer.wrap(nonce).putInt(8, piece);
        ByteBuffer.wrap(pieceData).putInt(pieceData.length - 8, piece);
        Gcm.start(cipher, mode, sealKey, nonce);
        cipher.updateAAD(pieceData);
    }

    private void useNoncesOf(int stripe) {
        synchronized (sealedStripes) {
            if (sealedStripes.get(stripe)) {
                throw new IllegalStateException(name(stripe) + " was sealed before; a second time would use its nonces"
                        + " twice. Keep the sealed bytes, or begin a new attempt");
            }
            sealedStripes.set(stripe);
        }
    }

    private int sealedPieceCount(int stripe, int sealedLength) throws AuthenticationFailedException {
        int pieces = Math.max(1, Math.ceilDiv(sealedLength, PIECE_BYTES + TAG_BYTES));
        int plain = sealedLength - TAG_BYTES * pieces;
        if (plain < 0 || pieceCount(plain) != pieces) {
            throw new AuthenticationFailedException(name(stripe) + " has " + sealedLength
                    + " sealed bytes, which no stripe has: it was cut or extended");
        }
        return pieces;
    }

    private String name(int stripe) {
        return "stripe " + stripe + " of attempt " + attempt;
    }

    private static byte[] nonce(int stripe, int counter) {
        return ByteBuffer.allocate(Gcm.NONCE_BYTES)
                .putInt(4, stripe)
                .putInt(8, counter)
                .array();
    }

    private static byte[] pieceData(byte[] associatedData, int pieces) {
        byte[] data = Arrays.copyOf(associatedData, associatedData.length + 8);
        ByteBuffer.wrap(data).putInt(data.length - 4, pieces);
        return data;
    }

    private static void checkIndex(String what, int index, int end) {
        if (index < 0 || index >= end) {
            throw new IllegalArgumentException(what + " " + index + "; expected 0 to " + (end - 1));
        }
    }

    private static void checkRange(String what, byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw new IllegalArgumentException(what + ": " + length + " bytes from offset " + offset
                    + " are not within an array of " + bytes.length);
        }
    }
}
