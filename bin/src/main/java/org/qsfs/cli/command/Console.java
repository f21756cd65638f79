package org.qsfs.cli.command;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.qsfs.cli.admin.Json;
import tools.jackson.databind.JsonNode;

/**
 * Where a command writes.
 *
 * @param terminal whether {@code err} is a terminal, so that progress may be drawn there
 */
public record Console(PrintWriter out, PrintWriter err, boolean terminal) {
    /** Linux tells by the device behind descriptor 2; System.console() looks at standard input and output only. */
    public static boolean errorIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (java.io.IOException e) {
            return false;
        }
    }

    public void say(String text) {
        out.println(text);
    }

    public void say(JsonNode json) {
        out.println(Json.pretty(json));
    }

    /** An error message; every line says who speaks. */
    public void complain(String text) {
        text.lines().forEach(line -> err.println("qsfs: " + line));
        err.flush();
    }
}
