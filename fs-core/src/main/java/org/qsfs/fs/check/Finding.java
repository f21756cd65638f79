package org.qsfs.fs.check;

/**
 * Something that is not as it should be.
 *
 * @param severity how bad it is
 * @param subject what it is about: {@code inode 17}, {@code directory 3, name a}
 * @param message what was found and what was expected
 */
public record Finding(Severity severity, String subject, String message) {
    /** From harmless to lost. */
    public enum Severity {
        /** Costs space or time, nothing is wrong for applications. */
        WARNING,
        /** Applications may see wrong names, attributes or sizes. */
        ERROR,
        /** Content of files cannot be read. */
        DATA_LOST
    }

    static Finding warning(String subject, String message) {
        return new Finding(Severity.WARNING, subject, message);
    }

    static Finding error(String subject, String message) {
        return new Finding(Severity.ERROR, subject, message);
    }

    static Finding lost(String subject, String message) {
        return new Finding(Severity.DATA_LOST, subject, message);
    }
}
