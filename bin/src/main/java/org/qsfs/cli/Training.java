package org.qsfs.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.qsfs.cli.command.Console;
import org.qsfs.cli.home.Home;

/**
 * What the launcher runs once to fill the JVM's cache of loaded classes: the paths that every short command takes. It changes nothing; what the commands
 * print is thrown away.
 */
public final class Training {
    private Training() {}

    public static void main(String[] arguments) {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        Console console = new Console(nowhere, nowhere, false);
        Home none = new Home(Path.of("/nonexistent/qsfs"));
        Main.run(console, none, "--version");
        Main.run(console, none, "--help");
        Main.run(console, none, "status", "--json");
        Main.run(console, none, "config");
        Main.run(console, none, "umount", "/nonexistent");
        Main.run(console, none, "completion");
    }
}
