package org.qsfs.metadata.writer;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/**
 * The value of {@code writer/holder}.
 *
 * <pre>
 * qsfs-writer 1
 * holder HOLDER         as in the request
 * epoch EPOCH           decimal
 * since TIME            ISO 8601, UTC
 * token TOKEN           random, names this lease
 * </pre>
 *
 * <p>UTF-8, each line ends in LF. Readers ignore further lines.
 */
public record HolderRecord(String holder, long epoch, Instant since, String token) {

    private static final String MAGIC = "qsfs-writer 1";

    public byte[] toBytes() {
        String text =
                MAGIC + "\nholder " + holder + "\nepoch " + epoch + "\nsince " + since + "\ntoken " + token + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException saying what is wrong with the bytes */
    public static HolderRecord parse(byte[] bytes) {
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(MAGIC)) {
            throw new IllegalArgumentException("it does not begin with \"" + MAGIC + "\"");
        }
        try {
            return new HolderRecord(
                    field(lines, "holder"),
                    Long.parseLong(field(lines, "epoch")),
                    Instant.parse(field(lines, "since")),
                    field(lines, "token"));
        } catch (NumberFormatException | DateTimeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String field(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("it has no line \"" + name + "\""))
                .substring(name.length() + 1);
    }
}
