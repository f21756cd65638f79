package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.conformance.RestartableServer;

/** A value that finds no memory is not a value that cannot be read: a client would make it again elsewhere. */
@Tag("long")
final class NoMemoryTest {
    private static final int LARGEST = 8 << 20;

    @TempDir
    Path dir;

    private static void send(Socket to, String bytes) throws IOException {
        to.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    }

    private static Socket connected(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Asks for the value until one is not answered at once, because the memory is taken now. */
    private static Socket waiting(int port) throws IOException {
        while (true) {
            Socket socket = connected(port);
            socket.setSoTimeout(1000);
            send(socket, "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
            try {
                socket.getInputStream().read();
                socket.close();
            } catch (SocketTimeoutException e) {
                return socket;
            }
        }
    }

    @Test
    @Timeout(120)
    void disconnectsWithoutAnAnswer() throws Exception {
        try (RestartableServer server = new RestartableServer(dir, List.of("--request-memory", "8M", "--cache", "0"))) {
            server.start();
            try (RespClient client = new RespClient(server.port())) {
                client.call("SET", "key", "x".repeat(1 << 20));
                try (Socket holder = connected(server.port())) {
                    send(holder, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + LARGEST + "\r\nbegin");
                    try (Socket waiting = waiting(server.port())) {
                        waiting.setSoTimeout(60_000);
                        assertThat(waiting.getInputStream().read()).isEqualTo(-1);
                    }
                }
                assertThat(client.call("GET", "key").bytes()).hasSize(1 << 20);
            }
        }
    }
}
