package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.conformance.RestartableServer;

/** Values that the server keeps in memory are those that are there. */
final class CachedValuesTest {
    private static final int[] LENGTHS = {ValueCache.SHORTEST, 5000, 200_000, ValueCache.LONGEST};

    @TempDir
    Path dir;

    private RestartableServer server;
    private RespClient client;

    @BeforeEach
    void start() throws IOException {
        server = new RestartableServer(dir, List.of("--cache", "8M", "--sync", "interval"));
        server.start();
        client = new RespClient(server.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static byte[] value(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void set(String key, byte[] value) throws IOException {
        assertThat(client.call(ascii("SET"), ascii(key), value).kind()).isEqualTo("bulk");
    }

    /** Reads it until it is kept. */
    private void readAgain(String key, byte[] expected) throws IOException {
        for (int i = 0; i < 4; i++) {
            assertThat(client.call("GET", key).bytes()).isEqualTo(expected);
        }
    }

    private void damage(byte[] value) throws IOException {
        Path file = server.data().resolve("default").resolve("d0");
        byte[] all = Files.readAllBytes(file);
        String text = new String(all, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(new String(value, StandardCharsets.ISO_8859_1));
        all[at + value.length / 2]++;
        Files.write(file, all);
    }

    @Test
    void aKeptValueIsNotReadAndIsTheSame() throws IOException {
        for (int length : LENGTHS) {
            byte[] value = value(length, length);
            set("key" + length, value);
            readAgain("key" + length, value);
            damage(value);
            assertThat(client.call("GET", "key" + length).bytes()).isEqualTo(value);
        }
    }

    @Test
    void checkReadsFromTheDisk() throws IOException {
        byte[] value = value(1, 5000);
        set("key", value);
        readAgain("key", value);
        assertThat(client.call("CHECK", "key").number()).isEqualTo(1);
        damage(value);
        assertThat(client.call("CHECK", "key").number()).isZero();
    }

    @Test
    void aDamagedValueIsNeverKept() throws IOException {
        byte[] value = value(1, 5000);
        set("key", value);
        damage(value);
        for (int i = 0; i < 4; i++) {
            assertThat(client.call("GET", "key").kind()).isEqualTo("error");
        }
    }

    @Test
    void overwrittenDeletedAndFlushedValuesAreGone() throws IOException {
        for (int length : LENGTHS) {
            byte[] first = value(1, length);
            byte[] second = value(2, length);
            set("key", first);
            readAgain("key", first);
            set("key", second);
            readAgain("key", second);
            assertThat(client.call("DEL", "key").kind()).isEqualTo("simple");
            assertThat(client.call("GET", "key").kind()).isEqualTo("nil");
            set("key", first);
            readAgain("key", first);
            client.call("NSNEW", "other");
            client.call("NSSET", "other", "password", "secret");
            client.call("NSSET", "other", "public", "0");
            client.call("SELECT", "other", "secret");
            set("key", first);
            readAgain("key", first);
            assertThat(client.call("FLUSH").kind()).isEqualTo("simple");
            assertThat(client.call("GET", "key").kind()).isEqualTo("nil");
            // the same place in the files as before
            set("key", second);
            readAgain("key", second);
            client.call("SELECT", "default");
            readAgain("key", first);
        }
    }

    @Test
    void pipelinedRepliesStayInOrder() throws IOException {
        for (int length : LENGTHS) {
            set("key" + length, value(length, length));
            readAgain("key" + length, value(length, length));
        }
        for (int round = 0; round < 20; round++) {
            for (int length : LENGTHS) {
                client.send(RespClient.request(ascii("GET"), ascii("key" + length)));
            }
        }
        for (int round = 0; round < 20; round++) {
            for (int length : LENGTHS) {
                assertThat(client.receive().bytes()).isEqualTo(value(length, length));
            }
        }
    }
}
