package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ZdbMain;
import org.qsfs.zdb.conformance.RespClient;

/** A server process that is killed while one key is overwritten keeps the old or the new value, torn tails or not. */
final class KillTest {
    @TempDir
    Path dir;

    private Process start(int port) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ZdbMain.class.getName(),
                        "--data",
                        dir.resolve("data").toString(),
                        "--index",
                        dir.resolve("index").toString(),
                        "--listen",
                        "localhost",
                        "--port",
                        String.valueOf(port))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static RespClient connect(int port, Process process) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                return new RespClient(port);
            } catch (IOException e) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    throw e;
                }
                // a process that starts needs the processor more than who waits for it
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    @Test
    void theKeySurvivesAFewKills() throws Exception {
        killRepeatedly(2);
    }

    @Tag("long")
    @Test
    void theKeySurvivesTwoHundredKills() throws Exception {
        killRepeatedly(200);
    }

    private void killRepeatedly(int times) throws Exception {
        Random random = new Random(42);
        long acknowledged = -1;
        long sent = -1;
        for (int kill = 0; kill <= times; kill++) {
            int port = freePort();
            Process process = start(port);
            try (RespClient client = connect(port, process)) {
                RespClient.Reply found = client.call("GET", "key");
                if (acknowledged >= 0) {
                    assertThat(found.kind())
                            .as("after kill %d: %s", kill, found)
                            .isEqualTo("bulk");
                    long value = Long.parseLong(found.text().strip());
                    assertThat(value).as("after kill %d", kill).isBetween(acknowledged, sent);
                    sent = value;
                }
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(200));
                boolean alive = true;
                while (alive) {
                    if (System.nanoTime() > until) {
                        process.destroyForcibly();
                    }
                    sent++;
                    // long enough that a write may be cut in the middle
                    alive = client.call("SET", "key", sent + " ".repeat(random.nextInt(100_000)))
                            .kind()
                            .equals("bulk");
                    acknowledged = alive ? sent : acknowledged;
                }
            } finally {
                process.destroyForcibly();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
            if (random.nextBoolean()) {
                appendGarbage(random);
            }
        }
    }

    /** What a write that was cut in the middle leaves behind. */
    private void appendGarbage(Random random) throws IOException {
        byte[] garbage = new byte[1 + random.nextInt(40)];
        random.nextBytes(garbage);
        // the header of an entry that does not fit, so that it cannot be taken for a whole one
        garbage[0] = 3;
        if (garbage.length > 4) {
            garbage[4] = 0x7f;
        }
        Path data = dir.resolve("data/default/d0");
        try (FileChannel file = FileChannel.open(data, StandardOpenOption.APPEND)) {
            file.write(java.nio.ByteBuffer.wrap(garbage));
        }
    }
}
