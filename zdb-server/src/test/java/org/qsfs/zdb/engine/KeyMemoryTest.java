package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that find no memory are refused; those that are there stay. A process of its own, with little memory, plays that through. */
final class KeyMemoryTest {
    private static final int MOST = 200_000;

    @TempDir
    Path dir;

    /** Stores keys until one is refused; prints how many were stored, then those that can be read, then the refusal. */
    public static void main(String[] args) throws IOException {
        Path dir = Path.of(args[0]);
        DatabaseConfig config = DatabaseConfig.of(dir.resolve("data"), dir.resolve("index"))
                .withSync(SyncMode.NEVER, Duration.ofSeconds(1));
        try (Database database = Database.open(config, DatabaseListener.NONE)) {
            Namespace namespace = database.defaultNamespace();
            String refusal = "none";
            int stored = 0;
            while (refusal.equals("none") && stored < MOST) {
                try {
                    namespace.set(key(stored), 1, ByteBuffer.wrap(new byte[1]));
                    stored++;
                } catch (WriteFailedException e) {
                    refusal = e.part() + " " + e.getMessage();
                }
            }
            int readable = 0;
            for (int i = 0; i < stored; i++) {
                readable += namespace.get(key(i)) == null ? 0 : 1;
            }
            System.out.println(stored + " " + readable + " " + namespace.entries() + " " + refusal);
        }
    }

    private static byte[] key(int number) {
        return "key %012d".formatted(number).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void keysWithoutMemoryAreRefused() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:MaxDirectMemorySize=4m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KeyMemoryTest.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList()
                .getLast();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String[] numbers = said.split(" ", 4);
        assertThat(Integer.parseInt(numbers[0])).as(said).isBetween(20_000, MOST - 1);
        assertThat(numbers[1]).isEqualTo(numbers[0]);
        assertThat(numbers[2]).isEqualTo(numbers[0]);
        assertThat(numbers[3]).startsWith("INDEX").contains("no memory for another key");
    }
}
