package org.qsfs.stor.stripe;

import java.util.Optional;

/** How a stripe was made smaller before it was encrypted (format: {@link #code()}). */
public enum Compression {
    /** Not at all. */
    RAW(0),
    /** One zstd frame. */
    ZSTD(1);

    private final int code;

    Compression(int code) {
        this.code = code;
    }

    /** The byte that stands for it in shard headers. */
    public byte code() {
        return (byte) code;
    }

    /** The compression with that byte, empty for a byte that stands for none. */
    public static Optional<Compression> ofCode(int code) {
        return switch (code) {
            case 0 -> Optional.of(RAW);
            case 1 -> Optional.of(ZSTD);
            default -> Optional.empty();
        };
    }
}
