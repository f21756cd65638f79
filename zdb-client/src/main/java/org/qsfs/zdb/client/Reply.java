package org.qsfs.zdb.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One reply of the wire protocol (RESP2). */
sealed interface Reply {

    /** {@code +text}. */
    record Simple(String text) implements Reply {}

    /** {@code -text}. */
    record Failure(String text) implements Reply {}

    /** {@code :number}. */
    record Int(long value) implements Reply {}

    /** {@code $length} and bytes; null for {@code $-1}. */
    @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
    record Bulk(byte @Nullable [] bytes) implements Reply {}

    /** {@code *count} and elements. */
    record Elements(List<Reply> elements) implements Reply {}

    /** For error messages: the kind and, where short, the text. */
    default String shown() {
        return switch (this) {
            case Simple s -> "\"+" + s.text + "\"";
            case Failure f -> "\"-" + f.text + "\"";
            case Int n -> "the number " + n.value;
            case Bulk b -> b.bytes == null ? "nil" : b.bytes.length + " bytes";
            case Elements a -> "an array of " + a.elements.size();
        };
    }
}
