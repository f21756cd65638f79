package org.qsfs.zdb.contract;

import java.io.IOException;
import java.util.List;

/** One namespace as whoever uses it sees it, whatever is behind. Used by one thread at a time. */
interface Space extends AutoCloseable {
    /** What came of an operation. */
    sealed interface Answer {
        /** Bytes: a value, or the key that was written. */
        record Bytes(byte[] bytes) implements Answer {
            @Override
            public boolean equals(Object other) {
                return other instanceof Bytes(byte[] others) && java.util.Arrays.equals(bytes, others);
            }

            @Override
            public int hashCode() {
                return java.util.Arrays.hashCode(bytes);
            }

            @Override
            public String toString() {
                return bytes.length > 64
                        ? bytes.length + " bytes"
                        : java.util.HexFormat.of().formatHex(bytes);
            }
        }

        /** Done; or nothing there, or nothing to do. */
        enum Plain implements Answer {
            DONE,
            NONE
        }

        /** Not done, and why. */
        enum Refused implements Answer {
            NO_SPACE,
            LOCKED,
            FROZEN,
            WORM,
            KEY_NEEDED,
            UPDATE_ONLY,
            NOT_FOUND,
            MODE_IN_USE
        }
    }

    /** A key that a scan found. */
    record Found(String key, long length) {}

    /** A property of the namespace, with the values that NSSET takes. */
    enum Property {
        MODE,
        LOCK,
        FREEZE,
        MAXSIZE,
        WORM
    }

    /** The key that was written; none when it had this value already. */
    Answer set(byte[] key, byte[] value) throws IOException;

    Answer get(byte[] key) throws IOException;

    Answer delete(byte[] key) throws IOException;

    boolean exists(byte[] key) throws IOException;

    /** Whether the value fits its checksum; -2 when there is none. */
    int check(byte[] key) throws IOException;

    /** -1 when there is none. */
    long length(byte[] key) throws IOException;

    /** All live keys, page by page; keys as text, one character per byte. */
    List<Found> scan(boolean backward) throws IOException;

    /** The live keys behind one, in the order of the index. */
    List<Found> scanBehind(byte[] key) throws IOException;

    /** All versions of a key, newest first. */
    List<byte[]> history(byte[] key) throws IOException;

    long entries() throws IOException;

    /** Bytes of all live values. */
    long dataBytes() throws IOException;

    Answer set(Property property, String value) throws IOException;

    /** Closes the pair of files that is written to. */
    void jump() throws IOException;

    /** Reads all files again. */
    void reload() throws IOException;

    /** Another user of the same namespace. */
    Space another() throws IOException;

    @Override
    void close() throws IOException;
}
