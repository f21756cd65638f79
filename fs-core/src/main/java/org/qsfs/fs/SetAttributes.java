package org.qsfs.fs;

import org.jspecify.annotations.Nullable;

/**
 * What {@code chmod}, {@code chown}, {@code truncate} and {@code utimensat} change; null leaves a field as it is.
 *
 * @param permissions new low 12 bits of the mode
 * @param size new size in bytes; growing makes a hole
 * @param accessed new access time
 * @param modified new modification time
 * @param accessedNow access time := now (UTIME_NOW), needs only write permission
 * @param modifiedNow modification time := now
 */
public record SetAttributes(
        @Nullable Integer permissions,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Timestamp accessed,
        @Nullable Timestamp modified,
        boolean accessedNow,
        boolean modifiedNow) {

    public static SetAttributes ofPermissions(int permissions) {
        return new SetAttributes(permissions, null, null, null, null, null, false, false);
    }

    public static SetAttributes ofOwner(@Nullable Integer uid, @Nullable Integer gid) {
        return new SetAttributes(null, uid, gid, null, null, null, false, false);
    }

    public static SetAttributes ofSize(long size) {
        return new SetAttributes(null, null, null, size, null, null, false, false);
    }

    public static SetAttributes ofTimes(@Nullable Timestamp accessed, @Nullable Timestamp modified) {
        return new SetAttributes(null, null, null, null, accessed, modified, false, false);
    }
}
