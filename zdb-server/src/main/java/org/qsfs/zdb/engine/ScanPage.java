package org.qsfs.zdb.engine;

import java.util.List;

/**
 * Part of a scan, never empty.
 *
 * @param last where to go on
 */
public record ScanPage(List<Entry> entries, Cursor last) {
    /**
     * A live key.
     *
     * @param length bytes of the value, unsigned
     * @param timestamp seconds, unsigned
     */
    @SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
    public record Entry(byte[] key, int length, int timestamp) {}
}
