package org.qsfs.cli.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file that cannot be used; the message lists all its problems, one per line. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public ConfigException(String file, String text) {
        this(List.of(new Problem(file, 0, text)));
    }

    public List<Problem> problems() {
        return problems;
    }
}
