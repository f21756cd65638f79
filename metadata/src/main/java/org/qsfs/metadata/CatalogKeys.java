package org.qsfs.metadata;

/** The rules for keys, and the keys this module owns. */
public final class CatalogKeys {

    /** Longest key in characters. */
    public static final int MAX_LENGTH = 512;

    /** The current epoch, decimal. Never deleted. */
    public static final String EPOCH = "writer/epoch";

    /** Who is the writer; hangs on a lease. */
    public static final String HOLDER = "writer/holder";

    /** Written to see whether writing works. */
    public static final String PROBE = "writer/probe";

    /** There since the catalog was filled from a copy, which may lack what was stored after it was made; whoever has made up for that deletes it. */
    public static final String IMPORTED = "writer/imported";

    private CatalogKeys() {}

    /**
     * Returns the key.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static String check(String key) {
        checkPrefix(key);
        if (key.isEmpty() || key.startsWith("/") || key.endsWith("/") || key.contains("//")) {
            throw new IllegalArgumentException(
                    "\"" + key + "\" is no catalog key: expected a path without empty components, such as a/b");
        }
        return key;
    }

    /** Returns the beginning of a key, possibly empty. */
    public static String checkPrefix(String prefix) {
        if (prefix.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "catalog key of " + prefix.length() + " characters, at most " + MAX_LENGTH + ": " + prefix);
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (prefix.charAt(i) <= ' ' || prefix.charAt(i) > '~') {
                throw new IllegalArgumentException(
                        "\"" + prefix + "\" is no catalog key: character " + i + " is not printable ASCII");
            }
        }
        return prefix;
    }
}
