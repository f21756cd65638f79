package org.qsfs.stor.segment;

import java.util.Optional;

/**
 * What the backends hold of a segment; independent of what is on the local disk. All but {@link #NO} are written in the segment's record in the catalog (format: {@link
 * #code()}).
 *
 * <pre>{@code
 *            ┌──────┐ new attempt
 *            ▼      │
 *   NO ──► UPLOADING┴──► STORED ◄────► DEGRADED ◄──► LOST
 *   ▲          │            ▲ │          ▲ │          │ │
 *   │          ├────────────┼─┼──────────┘ │          │ │
 *   │          │            │ └────────────┼──────────┤ │
 *   │          │            └──────────────┼──────────┤ │ (LOST: any way back, when backends
 *   │          │      ◄────────────────────┼──────────┘ │  return or the local copy is whole)
 *   │          ▼                           ▼            │
 *   └────── DELETING ◄──────────────────────────────────┘   every state may end here
 * }</pre>
 */
public enum StoredState {
    /** The catalog has no record of it. */
    NO(0),
    /** An attempt is under way or was given up; the record names where its shards may be. Readers do not use it. */
    UPLOADING(1),
    /** At least the write quorum of shards is there, fewer than all; readable; to be repaired. */
    DEGRADED(2),
    /** Every shard was acknowledged. */
    STORED(3),
    /** Nothing refers to it any more; its shards are being deleted. Readers do not use it. */
    DELETING(4),
    /** Fewer than k shards are left; kept, because backends may come back. */
    LOST(5);

    private final int code;

    StoredState(int code) {
        this.code = code;
    }

    /** The byte that stands for it in a record. */
    public byte code() {
        return (byte) code;
    }

    /** The state with that byte, empty for a byte that stands for none. */
    public static Optional<StoredState> ofCode(int code) {
        for (StoredState state : values()) {
            if (state.code == code) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    /** Whether it is stored: the shards of the record's attempt give it back. */
    public boolean readable() {
        return this == DEGRADED || this == STORED;
    }

    /** Whether reads are tried: a lost segment may have stripes of which k shards are left. */
    public boolean servesReads() {
        return readable() || this == LOST;
    }

    /** Whether a segment in this state may come into that one. Only UPLOADING may follow itself: by a new attempt. */
    public boolean mayBecome(StoredState next) {
        return switch (this) {
            case NO -> next == UPLOADING;
            case UPLOADING -> next == UPLOADING || next == DEGRADED || next == STORED || next == DELETING;
            case DEGRADED -> next == STORED || next == LOST || next == DELETING;
            case STORED -> next == DEGRADED || next == LOST || next == DELETING;
            case LOST -> next == UPLOADING || next == DEGRADED || next == STORED || next == DELETING;
            case DELETING -> next == NO;
        };
    }
}
