package org.qsfs.fs.check;

/**
 * What a check has looked at.
 *
 * @param bytes that extents and preallocations cover
 * @param verifiedBytes of file content whose checksums were checked
 */
public record CheckSummary(
        long inodes, long directories, long names, long extents, long bytes, long verifiedBytes, long findings) {
    /** The same after the content was read too. */
    public CheckSummary withContent(long verified, long moreFindings) {
        return new CheckSummary(inodes, directories, names, extents, bytes, verified, findings + moreFindings);
    }
}
