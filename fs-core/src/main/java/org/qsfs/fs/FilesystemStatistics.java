package org.qsfs.fs;

/**
 * What {@code statfs(2)} tells.
 *
 * @param totalBytes the quota; where there is none a very large round number, since the volume does not fill up
 * @param usedBytes bytes of file content
 */
public record FilesystemStatistics(long totalBytes, long usedBytes, long totalInodes, long usedInodes) {}
