package org.qsfs.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The admin socket")
@Timeout(30)
class AdminSocketTest {
    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("s");
    }

    @Test
    @DisplayName("answers a command with its result and exit code")
    void result() throws Exception {
        try (AdminServer server = AdminServer.open(
                socket(),
                Map.of(
                        "echo",
                        (arguments, progress) -> new AdminReply(arguments.deepCopy(), CommandFailure.DEGRADED)))) {
            assertThat(server.socket()).exists();
            AdminReply reply = new AdminClient(socket())
                    .call("echo", Json.object().put("text", "grüße\nzwei Zeilen"), Progress.NONE);
            assertThat(reply.result().path("text").asString("")).isEqualTo("grüße\nzwei Zeilen");
            assertThat(reply.exit()).isEqualTo(CommandFailure.DEGRADED);
        }
    }

    @Test
    @DisplayName("is for its owner only, and goes away")
    void permissions() throws Exception {
        try (AdminServer server = AdminServer.open(socket(), Map.of())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
                    .isEqualTo("rw-------");
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    @Timeout(4) // less than what closing leaves commands that run
    @DisplayName("closes at once when no command runs")
    void idle() throws Exception {
        AdminServer.open(socket(), Map.of()).close();
        assertThat(socket()).doesNotExist();
    }

    @Test
    @DisplayName("takes the place of what a killed daemon left")
    void stale() throws Exception {
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();
        try (AdminServer server =
                AdminServer.open(socket(), Map.of("ping", (arguments, progress) -> AdminReply.done(Json.object())))) {
            assertThat(server.socket()).exists();
            assertThat(new AdminClient(socket())
                            .call("ping", Json.object(), Progress.NONE)
                            .exit())
                    .isZero();
        }
    }

    @Test
    @DisplayName("passes a failure on with its words and exit code")
    void failure() throws Exception {
        try (AdminServer server = AdminServer.open(
                socket(),
                Map.of(
                        "flush",
                        (arguments, progress) -> {
                            throw new CommandFailure(CommandFailure.DEGRADED, "backend b2 is down");
                        },
                        "crash",
                        (arguments, progress) -> {
                            throw new IllegalStateException("boom");
                        }))) {
            assertThat(server.socket()).exists();
            CommandFailure failure = catchThrowableOfType(
                    CommandFailure.class, () -> new AdminClient(socket()).call("flush", Json.object(), Progress.NONE));
            assertThat(failure).hasMessage("backend b2 is down");
            assertThat(failure.exit()).isEqualTo(CommandFailure.DEGRADED);
            assertThatThrownBy(() -> new AdminClient(socket()).call("crash", Json.object(), Progress.NONE))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessage("boom");
            assertThatThrownBy(() -> new AdminClient(socket()).call("fly", Json.object(), Progress.NONE))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("does not know the command \"fly\"");
        }
    }

    @Test
    @DisplayName("shows progress while the command runs")
    void progress() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        CountDownLatch half = new CountDownLatch(1);
        try (AdminServer server = AdminServer.open(socket(), Map.of("work", (arguments, progress) -> {
            progress.report("uploading", 1, 2, "segments");
            if (!half.await(10, TimeUnit.SECONDS)) {
                throw new CommandFailure("nobody heard the progress");
            }
            return AdminReply.done(Json.object());
        }))) {
            assertThat(server.socket()).exists();
            new AdminClient(socket()).call("work", Json.object(), (phase, done, total, unit) -> {
                seen.add(phase + " " + done + "/" + total + " " + unit);
                half.countDown();
            });
        }
        assertThat(seen).containsExactly("uploading 1/2 segments");
    }

    @Test
    @DisplayName("goes on with the work when the client goes away")
    void clientGone() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (AdminServer server = AdminServer.open(socket(), Map.of("work", (arguments, progress) -> {
            started.countDown();
            mayEnd.await(10, TimeUnit.SECONDS);
            progress.report("working", 1, 1, "steps");
            ended.countDown();
            return AdminReply.done(Json.object());
        }))) {
            assertThat(server.socket()).exists();
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                client.write(ByteBuffer.wrap("{\"command\":\"work\"}\n".getBytes(StandardCharsets.UTF_8)));
                assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
            }
            mayEnd.countDown();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @DisplayName("drops a request that is no JSON and stays up")
    void nonsense() throws Exception {
        try (AdminServer server =
                AdminServer.open(socket(), Map.of("ping", (arguments, progress) -> AdminReply.done(Json.object())))) {
            assertThat(server.socket()).exists();
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                client.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
                assertThat(client.read(ByteBuffer.allocate(10))).isEqualTo(-1);
            }
            assertThat(new AdminClient(socket())
                            .call("ping", Json.object(), Progress.NONE)
                            .exit())
                    .isZero();
        }
    }

    @Test
    @DisplayName("does not let a client wait for a daemon that says nothing")
    void silence() throws Exception {
        try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            mute.bind(UnixDomainSocketAddress.of(socket()));
            assertThatThrownBy(() -> new AdminClient(socket())
                            .call("status", Json.object(), Progress.NONE, Duration.ofMillis(200)))
                    .isInstanceOf(IOException.class);
        }
    }
}
