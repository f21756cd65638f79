package org.qsfs.fs;

/**
 * What a filesystem is doing.
 *
 * @param dirtyBytes memory that holds written bytes which are not in the log
 * @param openHandles open files and directories
 * @param referencedInodes inodes that the kernel knows or that are open
 * @param orphans inodes without a name that still have rows
 * @param failed whether a write failed, after which the volume is read-only
 */
public record FileSystemActivity(
        long dirtyBytes, int openHandles, long referencedInodes, int orphans, boolean failed) {}
