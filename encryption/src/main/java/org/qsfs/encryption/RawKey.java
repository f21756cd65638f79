package org.qsfs.encryption;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * 32 secret bytes that can be wiped, also usable as an AES-256 key. Reading and wiping exclude each other, so nobody
 * ever works with a half-wiped key. Identity equality: keys are compared nowhere.
 */
final class RawKey implements SecretKey, AutoCloseable {
    static final int BYTES = 32;

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient byte[] bytes;
    private transient boolean wiped;

    private RawKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes over {@code bytes}. */
    static RawKey owning(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("key of " + bytes.length + " bytes; expected " + BYTES);
        }
        return new RawKey(bytes);
    }

    static RawKey random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new RawKey(bytes);
    }

    /** The next 32 bytes. */
    static RawKey read(ByteBuffer in) {
        byte[] bytes = new byte[BYTES];
        in.get(bytes);
        return new RawKey(bytes);
    }

    void copyTo(ByteBuffer out) {
        byte[] copy = getEncoded();
        out.put(copy);
        Arrays.fill(copy, (byte) 0);
    }

    RawKey copy() {
        return new RawKey(getEncoded());
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    /** A copy, which the receiver wipes. */
    @Override
    public synchronized byte[] getEncoded() {
        if (wiped) {
            throw new IllegalStateException("the key was closed");
        }
        return bytes.clone();
    }

    @Override
    public synchronized void destroy() {
        Arrays.fill(bytes, (byte) 0);
        wiped = true;
    }

    @Override
    public synchronized boolean isDestroyed() {
        return wiped;
    }

    @Override
    public void close() {
        destroy();
    }

    /** Never shows the bytes. */
    @Override
    public String toString() {
        return "RawKey";
    }

    @Serial
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("secret key");
    }
}
