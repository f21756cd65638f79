package org.qsfs.stor.segment;

import org.bouncycastle.crypto.digests.Blake2bDigest;

/** BLAKE2b with a digest of 16 bytes, no key, salt or personalisation: {@code b2sum -l 128}. Not thread-safe. */
public final class Blake2b128 {
    /** Length of a digest. */
    public static final int BYTES = 16;

    private final Blake2bDigest digest = new Blake2bDigest(null, BYTES, null, null);

    /** Adds bytes, and returns this. */
    public Blake2b128 update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        return this;
    }

    /** The digest of everything so far; begins anew. */
    public byte[] digest() {
        byte[] result = new byte[BYTES];
        digest.doFinal(result, 0);
        return result;
    }

    /** The digest of some bytes. */
    public static byte[] of(byte[] bytes) {
        return new Blake2b128().update(bytes, 0, bytes.length).digest();
    }
}
