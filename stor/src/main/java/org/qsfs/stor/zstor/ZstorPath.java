package org.qsfs.stor.zstor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.qsfs.stor.segment.Blake2b128;

/**
 * The name of an object: the BLAKE2b-128 of its absolute path, cleaned without looking at the disk, after the configured {@code root} was taken off its front.
 * Without a root the path keeps its leading slash; with the root {@code /} it loses it.
 */
public final class ZstorPath {
    private ZstorPath() {}

    /**
     * @param root zstor's setting {@code root}; empty when it has none or an empty one
     * @return 32 hexadecimal digits
     * @throws ZstorException when the path is not absolute, or not below the root
     */
    public static String hash(Path path, Optional<Path> root) throws ZstorException {
        if (!path.isAbsolute()) {
            throw new ZstorException("\"" + path + "\" is not an absolute path; zstor names objects by absolute paths");
        }
        Path clean = path.normalize();
        String name = clean.toString();
        if (root.isPresent()) {
            Path prefix = root.get().normalize();
            if (!clean.startsWith(prefix)) {
                throw new ZstorException(
                        "\"" + path + "\" is not below zstor's root \"" + prefix + "\", so it cannot have been stored");
            }
            name = prefix.relativize(clean).toString();
        }
        return HexFormat.of().formatHex(Blake2b128.of(name.getBytes(StandardCharsets.UTF_8)));
    }
}
