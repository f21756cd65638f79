package org.qsfs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.qsfs.cli.command.Console;
import org.qsfs.cli.daemon.DaemonLog;
import org.qsfs.cli.home.Home;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.engine.DatabaseConfig;

/**
 * What the launcher runs once to fill the JVM's cache of loaded classes: the paths that every short command and every backend process takes. It works in a temporary
 * directory; what the commands print is thrown away.
 */
public final class Training {
    private Training() {}

    public static void main(String[] arguments) throws IOException {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        Console console = new Console(nowhere, nowhere, false);
        Path directory = Files.createTempDirectory("qsfs-training");
        try {
            Home home = new Home(directory.resolve("home"));
            for (List<String> command : List.of(
                    List.of("--version"),
                    List.of("--help"),
                    List.of("status", "--json"),
                    List.of("config"),
                    List.of("umount", directory.toString()),
                    List.of("zdb", "--nonsense"))) {
                Main.run(console, home, command.toArray(String[]::new));
            }
            DaemonLog.toOutput();
            serveOneValue(directory);
        } finally {
            delete(directory);
        }
    }

    private static void serveOneValue(Path directory) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        DatabaseConfig database = DatabaseConfig.of(directory.resolve("data"), directory.resolve("index"));
        try (ZdbServer server = ZdbServer.start(ZdbServerConfig.of(database, address, null));
                ZdbClient client =
                        new ZdbClient(new ZdbEndpoint(new ZdbAddress("127.0.0.1", server.port()), "default"))) {
            byte[] key = "key".getBytes(StandardCharsets.US_ASCII);
            client.set(key, new byte[1 << 16]);
            client.get(key);
            client.info();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
