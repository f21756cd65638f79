package org.qsfs.stor.check;

import java.util.Locale;

/** How closely shards are looked at. */
public enum CheckDepth {
    /** Every backend reads its values and compares them with its own checksums. Nothing is transferred; a value that is not the right one is not noticed. */
    CHECK,
    /** Every value is fetched and its MAC checked: the only proof that it is whole and the right one. */
    READ;

    /** The word for it in commands and in the catalog. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
