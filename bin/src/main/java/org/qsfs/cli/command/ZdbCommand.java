package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.daemon.DaemonLog;
import org.qsfs.zdb.ReadyHookException;
import org.qsfs.zdb.UsageException;
import org.qsfs.zdb.ZdbMain;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.tool.ZdbTool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code qsfs zdb}: 0-db's flags, read by the server itself, and {@code --admin-file}. */
@Command(
        name = "zdb",
        description = {
            "A zdb server with 0-db's flags: qsfs zdb --data DIR --index DIR --port 9900 --mode user. `qsfs zdb --help` lists them.",
            "--admin-file FILE reads the admin password from a file, where no list of processes shows it."
        })
public final class ZdbCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> flags = List.of();

    ZdbCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        List<String> own = new ArrayList<>(flags);
        if (ZdbTool.isTool(own)) {
            return ZdbTool.run(own, System.out, System.err);
        }
        if (own.contains("--help") || own.contains("-h")) {
            ZdbMain.run(new String[] {"--help"}, System.out, System.err);
            console.say("  --admin-file FILE     admin password, read from a file");
            return CommandFailure.DONE;
        }
        if (ZdbMain.asksForDump(own)) {
            return ZdbMain.dump(own, System.out, System.err);
        }
        try {
            Path adminFile = takeAdminFile(own);
            if (adminFile != null) {
                // known before the flags are checked: --protect needs it
                own.addAll(List.of("--admin", password(adminFile)));
            }
            ZdbServerConfig config = ZdbServerConfig.parse(own.toArray(String[]::new));
            DaemonLog.toOutput();
            serve(config);
            return CommandFailure.DONE;
        } catch (UsageException e) {
            throw new CommandFailure(CommandFailure.USAGE, "zdb: " + e.getMessage());
        } catch (ReadyHookException e) {
            throw new CommandFailure("zdb: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure("zdb: cannot start: " + e.getMessage(), e);
        }
    }

    private static void serve(ZdbServerConfig config) throws IOException, InterruptedException {
        Logger log = LoggerFactory.getLogger(ZdbCommand.class);
        ZdbServer server = ZdbServer.start(config);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, log), "zdb-stop"));
        log.info(
                "zdb serves {}",
                config.tcp() == null ? config.socket() : config.tcp().getHostString() + ":" + server.port());
        server.await();
    }

    private static void close(ZdbServer server, Logger log) {
        try {
            server.close();
            log.info("zdb stopped");
        } catch (IOException e) {
            log.error("not everything could be made durable", e);
        }
    }

    private static String password(Path file) throws CommandFailure {
        try {
            String password = Files.readString(file).strip();
            if (!password.isEmpty()) {
                return password;
            }
        } catch (IOException e) {
            throw new CommandFailure("zdb: --admin-file " + file + " cannot be read: " + e, e);
        }
        throw new CommandFailure("zdb: --admin-file " + file + " is empty, expected the admin password");
    }

    private static @org.jspecify.annotations.Nullable Path takeAdminFile(List<String> flags) throws CommandFailure {
        int at = flags.indexOf("--admin-file");
        if (at < 0) {
            return null;
        }
        if (at + 1 == flags.size()) {
            throw new CommandFailure(CommandFailure.USAGE, "zdb: --admin-file needs the path of a file");
        }
        flags.remove(at);
        return Path.of(flags.remove(at));
    }
}
