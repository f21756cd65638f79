package org.qsfs.cli.command;

import java.io.PrintWriter;
import org.qsfs.cli.admin.Json;
import tools.jackson.databind.JsonNode;

/**
 * Where a command writes.
 *
 * @param terminal whether {@code err} is a terminal, so that progress may be drawn there
 */
public record Console(PrintWriter out, PrintWriter err, boolean terminal) {
    /** As the launcher saw it: System.console() looks at standard input and output only. */
    public static boolean errorIsTerminal() {
        return Boolean.getBoolean("qsfs.terminal");
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
