package org.qsfs.zdb.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;

/** A server in this process with its own directories, which can be stopped as by SIGTERM and as by SIGKILL. */
public final class RestartableServer implements AutoCloseable {
    private final Path root;
    private final List<String> flags;
    private Path current;
    private int generation;
    private ZdbServer server;

    public RestartableServer(Path root, List<String> flags) throws IOException {
        this.root = root;
        this.flags = flags;
        this.current = root.resolve("0");
        Files.createDirectories(current);
    }

    public void start() throws IOException {
        List<String> all = new ArrayList<>(flags);
        all.addAll(List.of(
                "--data", data().toString(), "--index", index().toString(), "--listen", "localhost", "--port", "0"));
        server = ZdbServer.start(ZdbServerConfig.parse(all.toArray(new String[0])));
    }

    public Path root() {
        return current;
    }

    public Path data() {
        return current.resolve("data");
    }

    public Path index() {
        return current.resolve("index");
    }

    public int port() throws IOException {
        return server.port();
    }

    public ZdbServer server() {
        return server;
    }

    public void terminate() throws IOException {
        server.close();
    }

    /** What a killed process leaves is what is in its files now: the next start sees a copy of that. */
    public void kill() throws IOException {
        Path copy = root.resolve(String.valueOf(++generation));
        copy(current, copy);
        server.close();
        current = copy;
    }

    public static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(source -> {
                try {
                    Path target = to.resolve(from.relativize(source).toString());
                    if (Files.isDirectory(source)) {
                        Files.createDirectories(target);
                    } else {
                        Files.copy(source, target);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
