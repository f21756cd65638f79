package org.qsfs.stor.segment;

import java.util.List;
import java.util.Optional;

/** What segments hold (format). Those of the first two are data files of the local zdb. */
public enum SegmentNamespace {
    /** File bytes: local zdb namespace {@code <volume>-data}. */
    DATA(0, "data"),
    /** Journal and checkpoints: local zdb namespace {@code <volume>-meta}. */
    META(1, "meta"),
    /** Pieces of single files that are stored beside the filesystem, see {@code org.qsfs.stor.object}. */
    OBJECT(2, "object");

    /** The namespaces of the local zdb. */
    public static final List<SegmentNamespace> OF_VOLUME = List.of(DATA, META);

    private final int code;
    private final String word;

    SegmentNamespace(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /** The byte that stands for it in shard headers, records and key derivation. */
    public byte code() {
        return (byte) code;
    }

    /** The word that stands for it in catalog keys and messages. */
    public String word() {
        return word;
    }

    /** The namespace with that byte, empty for a byte that stands for none. */
    public static Optional<SegmentNamespace> ofCode(int code) {
        return switch (code) {
            case 0 -> Optional.of(DATA);
            case 1 -> Optional.of(META);
            case 2 -> Optional.of(OBJECT);
            default -> Optional.empty();
        };
    }

    /** The namespace with that word, empty for a word that stands for none. */
    public static Optional<SegmentNamespace> ofWord(String word) {
        return switch (word) {
            case "data" -> Optional.of(DATA);
            case "meta" -> Optional.of(META);
            case "object" -> Optional.of(OBJECT);
            default -> Optional.empty();
        };
    }
}
