package org.qsfs.zdb.client;

/**
 * One live key, as a scan tells it.
 *
 * @param length of the value in bytes
 * @param timestamp of the last change, seconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // a value that is passed on once, never compared
public record ScanEntry(byte[] key, long length, long timestamp) {}
