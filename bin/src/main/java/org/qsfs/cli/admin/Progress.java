package org.qsfs.cli.admin;

/** Hears how far a long command is. May be called from any thread and often; implementations limit what they pass on. */
@FunctionalInterface
public interface Progress {
    /** Hears nothing. */
    Progress NONE = (phase, done, total, unit) -> {};

    /**
     * @param phase what is being done, for instance "uploading"
     * @param done units finished
     * @param total units in all; 0 when unknown
     * @param unit "bytes", "segments", …
     */
    void report(String phase, long done, long total, String unit);
}
