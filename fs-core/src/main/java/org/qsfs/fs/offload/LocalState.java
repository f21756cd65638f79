package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeId;

/**
 * The little that a machine knows of its volume beside the logs: which volume it is, and the terms in which it wrote. It lives in the file {@code state} of the
 * volume's directory and is replaced whole: temporary file, fsync, rename, fsync of the directory.
 *
 * <pre>
 * qsfs-state 1
 * volume {32 hex digits}
 * term {epoch} {first data segment} {first meta segment}        one line per term, oldest first
 * crc {CRC-32C of the lines above, 8 hex digits}
 * </pre>
 *
 * Numbers are decimal, lines end in LF, the text is ASCII.
 */
public record LocalState(VolumeId volume, Terms terms) {
    private static final String FIRST_LINE = "qsfs-state 1";

    /**
     * Reads the file.
     *
     * @return empty when there is no file: this machine never wrote to the volume, or lost it
     * @throws IOException the file is damaged; the message says where
     */
    public static Optional<LocalState> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > 1 << 20) {
            throw damaged(file, 1, "a file of " + Files.size(file) + " bytes", "at most 1 MiB");
        }
        List<String> lines =
                Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(FIRST_LINE)) {
            throw damaged(file, 1, lines.isEmpty() ? "nothing" : lines.getFirst(), FIRST_LINE);
        }
        int last = lines.size() - 1;
        String crc = "crc " + checksum(lines.subList(0, last));
        if (!lines.get(last).equals(crc)) {
            throw damaged(file, last + 1, lines.get(last), crc);
        }
        try {
            VolumeId volume = VolumeId.parse(field(lines.get(1), "volume", 1)[0]);
            List<Terms.Term> terms = new ArrayList<>();
            for (String line : lines.subList(2, last)) {
                String[] term = field(line, "term", 3);
                terms.add(
                        new Terms.Term(Long.parseLong(term[0]), Integer.parseInt(term[1]), Integer.parseInt(term[2])));
            }
            return Optional.of(new LocalState(volume, new Terms(terms)));
        } catch (MalformedException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException("the state file " + file + " does not have the lines of a state file: " + e, e);
        }
    }

    /** Replaces the file; durable on return. */
    public void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>(List.of(FIRST_LINE, "volume " + volume));
        terms.list()
                .forEach(term -> lines.add("term " + term.epoch() + " " + term.firstData() + " " + term.firstMeta()));
        String text = String.join("\n", lines) + "\ncrc " + checksum(lines) + "\n";
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static String[] field(String line, String name, int count) {
        String[] words = line.split(" ", -1);
        if (words.length != count + 1 || !words[0].equals(name)) {
            throw new IllegalArgumentException("found '" + line + "', expected '" + name + "' and " + count + " words");
        }
        return List.of(words).subList(1, words.length).toArray(String[]::new);
    }

    private static String checksum(List<String> lines) {
        CRC32C crc = new CRC32C();
        crc.update((String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static IOException damaged(Path file, int line, String found, String expected) {
        return new IOException("the state file " + file + " is damaged in line " + line + ": found '" + found
                + "', expected '" + expected + "'");
    }
}
