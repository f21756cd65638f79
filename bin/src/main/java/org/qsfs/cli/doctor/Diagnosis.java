package org.qsfs.cli.doctor;

/**
 * What one look at the machine found.
 *
 * @param advice what to do; empty when nothing
 */
public record Diagnosis(Severity severity, String subject, String finding, String advice) {
    /** BAD: a mount will not work. WARNING: it will, with a disadvantage. */
    public enum Severity {
        GOOD("ok     "),
        WARNING("warning"),
        BAD("bad    ");

        private final String label;

        Severity(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    static Diagnosis good(String subject, String finding) {
        return new Diagnosis(Severity.GOOD, subject, finding, "");
    }

    static Diagnosis warning(String subject, String finding, String advice) {
        return new Diagnosis(Severity.WARNING, subject, finding, advice);
    }

    static Diagnosis bad(String subject, String finding, String advice) {
        return new Diagnosis(Severity.BAD, subject, finding, advice);
    }
}
