package org.qsfs.encryption;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * 32 random bytes in a file: the private half of a {@link HybridPublicKey}. Unlocks a volume of which it, or its public
 * key, is a recipient.
 *
 * <pre>
 * key file (format): two lines of text
 * qsfs-key-file 1
 * the 32 bytes as 64 hexadecimal digits
 * </pre>
 *
 * <p>The file is created with mode 0600; one that others may read or write is refused.
 */
public final class KeyFile implements Secret {
    private static final String FIRST_LINE = "qsfs-key-file 1";

    private final RawKey seed;

    private KeyFile(RawKey seed) {
        this.seed = seed;
    }

    /**
     * Makes a new key and writes it to a file, which must not exist. The file is durable when this returns.
     *
     * @throws IOException if the file exists or cannot be written
     */
    public static KeyFile create(Path file) throws IOException {
        RawKey seed = RawKey.random();
        KeyText.create(file, FIRST_LINE, HexFormat.of().formatHex(seed.getEncoded()), "rw-------");
        return new KeyFile(seed);
    }

    /**
     * Reads a key file.
     *
     * @throws IOException if it cannot be read, or others may read or write it
     * @throws MalformedException if it is no key file
     */
    public static KeyFile read(Path file) throws IOException, MalformedException {
        checkPrivate(file);
        String line = KeyText.read(file, FIRST_LINE);
        if (line.length() != 2 * RawKey.BYTES || !line.chars().allMatch(HexFormat::isHexDigit)) {
            throw new MalformedException(
                    file + ": the second line has " + line.length() + " characters; expected 64 hexadecimal digits");
        }
        return new KeyFile(RawKey.owning(HexFormat.of().parseHex(line)));
    }

    /** The public half, which may be given to anyone who is to add this key to a volume. */
    public HybridPublicKey publicKey() {
        try (HybridPrivateKey key = privateKey()) {
            return key.publicKey();
        }
    }

    HybridPrivateKey privateKey() {
        return HybridPrivateKey.from(seed);
    }

    @Override
    public void close() {
        seed.close();
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "KeyFile";
    }

    private static void checkPrivate(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return; // a filesystem without permissions cannot be asked
        }
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        Set<PosixFilePermission> open = EnumSet.noneOf(PosixFilePermission.class);
        open.addAll(permissions);
        open.removeAll(PosixFilePermissions.fromString("rwx------"));
        if (!open.isEmpty()) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "others may use this key file, its mode is " + PosixFilePermissions.toString(permissions)
                            + "; expected rw-------, set it with chmod 600");
        }
    }
}
