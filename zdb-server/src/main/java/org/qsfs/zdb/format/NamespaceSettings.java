package org.qsfs.zdb.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;

/**
 * The settings of a namespace that survive a restart: file {@code zdb-namespace}, version 1, little endian.
 *
 * <pre>
 *  0    4  version, 1
 *  4    1  name length n
 *  5    1  password length p
 *  6    8  maxsize, bytes, 0 = no limit
 * 14    1  flags: 1 public, 2 worm, 4 always set
 * 15    n  name
 * 15+n  p  password, plain text
 * </pre>
 *
 * <p>0-db leaves bytes of an older, longer password behind; they are ignored. Written to a temporary file that replaces the
 * old one when it is durable, so a crash leaves the old or the new settings.
 *
 * @param password empty = none
 */
@SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
public record NamespaceSettings(byte[] name, byte[] password, long maxSize, boolean isPublic, boolean worm) {
    public static final String FILE_NAME = "zdb-namespace";

    private static final int FIXED_BYTES = 15;
    private static final int VERSION = 1;

    /** A new namespace: public, no password, no limit. */
    public static NamespaceSettings fresh(String name) {
        return new NamespaceSettings(name.getBytes(StandardCharsets.UTF_8), new byte[0], 0, true, false);
    }

    public void write(FileLayer files, Path directory) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_BYTES + name.length + password.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION)
                .put((byte) name.length)
                .put((byte) password.length)
                .putLong(maxSize)
                .put((byte) ((isPublic ? 1 : 0) | (worm ? 2 : 0) | 4))
                .put(name)
                .put(password)
                .flip();
        Path temporary = directory.resolve(FILE_NAME + ".new");
        try (OpenFile file = files.open(temporary, OpenMode.CREATE)) {
            file.write(0, bytes);
            file.sync();
        }
        files.rename(temporary, directory.resolve(FILE_NAME));
        files.syncDirectory(directory);
    }

    public static NamespaceSettings read(FileLayer files, Path directory) throws IOException {
        Path path = directory.resolve(FILE_NAME);
        try (OpenFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), FIXED_BYTES + 2 * 255))
                    .order(ByteOrder.LITTLE_ENDIAN);
            file.readFully(bytes, 0);
            bytes.flip();
            if (bytes.remaining() < FIXED_BYTES) {
                throw new FormatException(
                        "%s has %d bytes, at least %d expected; restore it from a copy, or remove it to get default settings"
                                .formatted(path, bytes.remaining(), FIXED_BYTES));
            }
            int version = bytes.getInt(0);
            int nameLength = bytes.get(4) & 0xff;
            int passwordLength = bytes.get(5) & 0xff;
            if (version != VERSION || bytes.remaining() < FIXED_BYTES + nameLength + passwordLength) {
                throw new FormatException(
                        "%s: version %d, name of %d and password of %d bytes in %d bytes; expected version %d and a complete file"
                                .formatted(path, version, nameLength, passwordLength, bytes.remaining(), VERSION));
            }
            byte[] all = bytes.array();
            byte flags = all[14];
            return new NamespaceSettings(
                    Arrays.copyOfRange(all, FIXED_BYTES, FIXED_BYTES + nameLength),
                    Arrays.copyOfRange(all, FIXED_BYTES + nameLength, FIXED_BYTES + nameLength + passwordLength),
                    bytes.getLong(6),
                    (flags & 1) != 0,
                    (flags & 2) != 0);
        }
    }
}
