package org.qsfs.cli.config;

/**
 * One thing wrong in a configuration file.
 *
 * @param file as the user named it
 * @param line 1-based; 0 when the problem has no place, for instance a missing key
 * @param text what was found and what was expected
 */
public record Problem(String file, int line, String text) {
    @Override
    public String toString() {
        return line == 0 ? file + ": " + text : file + ":" + line + ": " + text;
    }
}
