package org.qsfs.cli.config;

/** A password or key. Prints as stars, so that it cannot reach a log or a terminal by accident. */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "********";
    }
}
