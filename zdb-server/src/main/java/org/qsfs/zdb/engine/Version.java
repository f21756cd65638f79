package org.qsfs.zdb.engine;

import org.qsfs.zdb.format.IndexFormat.IndexRecord;

/**
 * The present version of a key: where its index record and its value are. Offsets, lengths and times are unsigned 32 bit.
 *
 * @param length bytes of the value
 * @param timestamp seconds
 * @param crc checksum of the value
 */
public record Version(
        int indexFile, int indexOffset, int dataFile, int dataOffset, int length, int timestamp, int crc) {
    static Version of(int indexFile, int indexOffset, int dataFile, IndexRecord r) {
        return new Version(indexFile, indexOffset, dataFile, r.offset(), r.valueLength(), r.timestamp(), r.crc());
    }
}
