package org.qsfs.cli.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/** Sends commands to the daemon of one volume. */
public final class AdminClient {
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final Path socket;

    public AdminClient(Path socket) {
        this.socket = socket;
    }

    /**
     * Runs one command in the daemon and waits for its end, however long it takes, as long as the daemon gives signs of life.
     *
     * @throws CommandFailure what the daemon answered
     * @throws IOException when there is no daemon, or it fell silent
     */
    public AdminReply call(String command, ObjectNode arguments, Progress progress) throws IOException, CommandFailure {
        return call(command, arguments, progress, SILENCE);
    }

    /** @param silence how long the daemon may say nothing at all */
    public AdminReply call(String command, ObjectNode arguments, Progress progress, Duration silence)
            throws IOException, CommandFailure {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (channel) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            try (LineChannel lines = new LineChannel(channel)) {
                ObjectNode request = Json.object();
                request.put("command", command);
                request.set("arguments", arguments);
                lines.write(Json.line(request), silence);
                while (true) {
                    ObjectNode line = Json.parse(lines.read(silence));
                    if (line.has("exit")) {
                        return end(line);
                    }
                    if (line.has("progress")) {
                        progress.report(
                                line.path("progress").asString(""),
                                line.path("done").asLong(0),
                                line.path("total").asLong(0),
                                line.path("unit").asString(""));
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the daemon at " + socket + " answered nonsense: " + e.getMessage(), e);
        }
    }

    private static AdminReply end(ObjectNode line) throws CommandFailure {
        int exit = line.path("exit").asInt(CommandFailure.FAILED);
        if (line.get("result") instanceof ObjectNode result) {
            return new AdminReply(result, exit);
        }
        throw new CommandFailure(exit, line.path("error").asString("the daemon gave no reason"));
    }
}
