package org.qsfs.zdb;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.tool.ZdbTool;

/** Runs a server or a {@link ZdbTool} alone: {@code java -cp … org.qsfs.zdb.ZdbMain [flags]}. Exit status as 0-db: 1 when it cannot start, 128 + signal at a stop. */
public final class ZdbMain {
    private ZdbMain() {}

    /** Runs a server until the process is told to stop. */
    public static void main(String[] args) throws InterruptedException {
        int status = run(args, System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Runs a server and returns when it has stopped, or an exit status when it cannot start. */
    public static int run(String[] args, PrintStream out, PrintStream err) throws InterruptedException {
        List<String> all = List.of(args);
        if (ZdbTool.isTool(all)) {
            return ZdbTool.run(all, out, err);
        }
        if (all.contains("--help")) {
            out.print(ZdbServerFlags.USAGE);
            return 1;
        }
        if (all.contains("--version")) {
            out.println("qsfs zdb 0.1, data version 3, index version 4");
            return 0;
        }
        if (asksForDump(all)) {
            return dump(all, out, err);
        }
        try {
            ZdbServer server = ZdbServer.start(ZdbServerConfig.parse(args));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, err), "zdb-stop"));
            server.await();
            return 0;
        } catch (UsageException e) {
            err.println("zdb: " + e.getMessage());
            return 1;
        } catch (ReadyHookException e) {
            err.println("zdb: " + e.getMessage());
            return 0;
        } catch (IOException e) {
            err.println("zdb: cannot start: " + e.getMessage());
            return 1;
        }
    }

    /** Whether a command line has 0-db's flag that prints the index instead of serving it. */
    public static boolean asksForDump(List<String> args) {
        return args.contains("--dump") || args.contains("-dump");
    }

    /** Prints the index of the directories that the other flags name; the exit status. */
    public static int dump(List<String> args, PrintStream out, PrintStream err) {
        List<String> others = new ArrayList<>(args);
        others.removeIf(arg -> arg.equals("--dump") || arg.equals("-dump"));
        try {
            DatabaseConfig database =
                    ZdbServerConfig.parse(others.toArray(new String[0])).database();
            return ZdbTool.run(
                    List.of(
                            "dump",
                            "--data",
                            database.dataRoot().toString(),
                            "--index",
                            database.indexRoot().toString()),
                    out,
                    err);
        } catch (UsageException e) {
            err.println("zdb: " + e.getMessage());
            return 1;
        }
    }

    private static void close(ZdbServer server, PrintStream err) {
        try {
            server.close();
        } catch (IOException e) {
            err.println("zdb: not everything could be made durable: " + e.getMessage());
        }
    }
}
