package org.qsfs.zdb.client;

/** What the server found when it compared a stored value with its checksum. */
public enum CheckResult {
    /** The value is readable and its checksum is right. */
    OK,
    /** The value is readable and its checksum is wrong. */
    CORRUPT,
    /** The value exists but could not be read. */
    UNREADABLE,
    /** There is no such key. */
    MISSING
}
