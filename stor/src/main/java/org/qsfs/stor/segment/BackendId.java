package org.qsfs.stor.segment;

import java.util.regex.Pattern;

/**
 * Stable name of a backend within a volume. Address, password and group hang on it and may change; records and the backend's own marker keep only the id.
 *
 * @param value 1 to 64 characters out of letters, digits, {@code . _ -}
 */
public record BackendId(String value) implements Comparable<BackendId> {
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public BackendId {
        if (!isLegal(value)) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" is no backend id; expected 1 to 64 letters, digits, '.', '_' or '-'");
        }
    }

    /** Whether a text can be an id. */
    public static boolean isLegal(String value) {
        return LEGAL.matcher(value).matches();
    }

    @Override
    public int compareTo(BackendId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
