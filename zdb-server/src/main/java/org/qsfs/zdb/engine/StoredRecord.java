package org.qsfs.zdb.engine;

import org.qsfs.zdb.format.IndexFormat.IndexRecord;

/** An index record with its key and its place. */
@SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
record StoredRecord(int file, int offset, IndexRecord record, byte[] key) {
    /** Offset behind the record. */
    int end() {
        return offset + record.recordBytes();
    }
}
