package org.qsfs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.command.Console;
import org.qsfs.cli.command.Qsfs;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.home.Home;
import org.qsfs.metadata.CatalogException;
import org.qsfs.stor.zstor.ZstorException;
import org.qsfs.zdb.client.ZdbException;

/** Where {@code bin/qsfs} enters. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exit = run(new Console(out, err, Console.errorIsTerminal()), Home.ofThisProcess(), arguments);
        out.flush();
        err.flush();
        System.exit(exit);
    }

    /** Runs one command and returns its exit code. */
    static int run(Console console, Home home, String... arguments) {
        return Qsfs.commandLine(console, home)
                .setExecutionExceptionHandler((failure, command, parsed) -> explain(console, failure))
                .execute(arguments);
    }

    private static int explain(Console console, Exception failure) {
        console.out().flush();
        return switch (failure) {
            case CommandFailure expected -> complain(console, expected, expected.exit());
            case ConfigException config -> complain(console, config, CommandFailure.USAGE);
            case CatalogException catalog -> complain(console, catalog, CommandFailure.FAILED);
            case ZdbException backend -> complain(console, backend, CommandFailure.FAILED);
            case ZstorException archive -> complain(console, archive, CommandFailure.FAILED);
            case IOException io -> {
                console.complain(io.getClass().getSimpleName() + ": " + io.getMessage());
                yield CommandFailure.FAILED;
            }
            default -> {
                console.complain("unexpected failure, please report it with this text");
                failure.printStackTrace(console.err());
                yield CommandFailure.FAILED;
            }
        };
    }

    private static int complain(Console console, Exception failure, int exit) {
        console.complain(String.valueOf(failure.getMessage()));
        return exit;
    }
}
