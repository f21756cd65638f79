package org.qsfs.stor.segment;

import java.util.Optional;

/**
 * What is known of one shard of a segment on the backend that the record names for it (format: {@link #code()}).
 *
 * <pre>
 *   ADDING ──► PRESENT ──► MISSING ──► ADDING
 *      └──────────────────────▲
 * </pre>
 */
public enum ShardState {
    /** The intent is written, not every value is acknowledged. */
    ADDING(0),
    /** Every value of it was acknowledged. */
    PRESENT(1),
    /** It is not there, or not whole, or rotten. */
    MISSING(2);

    private final int code;

    ShardState(int code) {
        this.code = code;
    }

    /** The byte that stands for it in a record. */
    public byte code() {
        return (byte) code;
    }

    /** The state with that byte, empty for a byte that stands for none. */
    public static Optional<ShardState> ofCode(int code) {
        return switch (code) {
            case 0 -> Optional.of(ADDING);
            case 1 -> Optional.of(PRESENT);
            case 2 -> Optional.of(MISSING);
            default -> Optional.empty();
        };
    }
}
