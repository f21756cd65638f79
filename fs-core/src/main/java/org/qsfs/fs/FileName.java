package org.qsfs.fs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One component of a path: 1 to 255 bytes without {@code /} and NUL, in whatever encoding the application uses. {@code .} and {@code ..} are not names; the
 * bindings resolve them.
 */
public final class FileName implements Comparable<FileName> {
    /** Longest name in bytes, as on ext4. */
    public static final int MAX_BYTES = 255;

    private final byte[] bytes;
    private final int hash;

    private FileName(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /** @throws FsException ENAMETOOLONG over 255 bytes; ENOENT when empty, EINVAL when holding {@code /} or NUL */
    public static FileName of(byte[] bytes) throws FsException {
        if (bytes.length > MAX_BYTES) {
            throw new FsException(Errno.ENAMETOOLONG);
        }
        if (bytes.length == 0) {
            throw new FsException(Errno.ENOENT);
        }
        for (byte b : bytes) {
            if (b == 0 || b == '/') {
                throw new FsException(Errno.EINVAL, "a file name holds '/' or NUL");
            }
        }
        return new FileName(bytes.clone());
    }

    /** The name as UTF-8. */
    public static FileName of(String name) throws FsException {
        return of(name.getBytes(StandardCharsets.UTF_8));
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public int compareTo(FileName other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileName name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** For messages: the bytes as UTF-8, malformed ones replaced. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
