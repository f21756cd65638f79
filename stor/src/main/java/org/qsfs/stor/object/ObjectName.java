package org.qsfs.stor.object;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.qsfs.stor.segment.Blake2b128;

/**
 * What an object is found by: the BLAKE2b-128 of its path, which is absolute and cleaned without looking at the disk, so that storing and retrieving always agree.
 *
 * @param hash 32 hexadecimal digits
 */
public record ObjectName(String hash) {
    /** Prefix of the catalog keys of all objects. */
    static final String CATALOG_PREFIX = "object/";

    private static final int DIGITS = 2 * Blake2b128.BYTES;

    public ObjectName {
        if (hash.length() != DIGITS || !hash.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("\"" + hash + "\" is no object: expected 32 hexadecimal digits");
        }
    }

    /** @throws IllegalArgumentException when the path is not absolute */
    public static ObjectName of(Path path) {
        return new ObjectName(HexFormat.of().formatHex(Blake2b128.of(clean(path).getBytes(StandardCharsets.UTF_8))));
    }

    /** The text that is hashed. */
    static String clean(Path path) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("\"" + path + "\" is not an absolute path");
        }
        return path.normalize().toString();
    }

    String catalogKey() {
        return CATALOG_PREFIX + hash;
    }

    @Override
    public String toString() {
        return hash;
    }
}
