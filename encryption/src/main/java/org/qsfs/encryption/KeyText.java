package org.qsfs.encryption;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** Files of two lines: what it is and in which version, then the key. Editors may change the end of lines. */
final class KeyText {
    private static final int MAX_BYTES = 8192;

    private KeyText() {}

    /** The second line, after the first was found to be the expected one. */
    static String read(Path file, String firstLine) throws IOException, MalformedException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        List<String> lines = new String(bytes, StandardCharsets.ISO_8859_1)
                .strip()
                .lines()
                .map(String::strip)
                .toList();
        if (bytes.length > MAX_BYTES || lines.size() != 2 || !lines.getFirst().equals(firstLine)) {
            throw new MalformedException(file
                    + ": not a key file of the expected kind; expected two lines, the first \"" + firstLine + "\"");
        }
        return lines.getLast();
    }

    /** Creates a file with permissions from the start, and makes it durable. */
    static void create(Path file, String firstLine, String secondLine, String permissions) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer text = ByteBuffer.wrap((firstLine + "\n" + secondLine + "\n").getBytes(StandardCharsets.US_ASCII));
        try (FileChannel channel = FileChannel.open(
                file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))) {
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        }
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
            directory.force(true);
        }
    }
}
