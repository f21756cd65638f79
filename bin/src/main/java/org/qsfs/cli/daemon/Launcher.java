package org.qsfs.cli.daemon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.cli.admin.CommandFailure;

/** Starts further processes of qsfs through {@code bin/qsfs}, which knows the JVM and its flags for each role. */
public final class Launcher {
    private final Path script;

    private Launcher(Path script) {
        this.script = script;
    }

    /** The launcher that started this process; it leaves its own path in the system property {@code qsfs.launcher}. */
    public static Launcher ofThisProcess() throws CommandFailure {
        String script = System.getProperty("qsfs.launcher", "");
        if (script.isEmpty()) {
            throw new CommandFailure(
                    "this needs further processes: start qsfs through bin/qsfs, not through java directly");
        }
        return new Launcher(Path.of(script));
    }

    /** A process that shares this one's input, output and session; not yet started. */
    public ProcessBuilder attached(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO();
    }

    /**
     * A process of its own session: a Ctrl-C in the terminal, or its end, does not reach it. It reads nothing, works in the root directory and is not yet
     * started.
     */
    public ProcessBuilder detached(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("setsid", script.toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
    }
}
