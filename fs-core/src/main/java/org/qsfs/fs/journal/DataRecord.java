package org.qsfs.fs.journal;

import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.LogPosition;

/**
 * A data record that a transaction introduces.
 *
 * @param location in the data namespace
 * @param crc checksum of its value as 0-db computes it, {@code ZdbCrc}
 */
public record DataRecord(Location location, int crc) {
    static final int ENCODED_BYTES = 16;

    void write(FieldWriter out) {
        out.u32(location.segment())
                .u32(location.offset())
                .u32(location.length())
                .u32(crc);
    }

    static DataRecord read(FieldReader in) throws JournalFormatException {
        int segment = in.u32();
        int offset = in.u32();
        int length = in.u32();
        if (segment < 0 || length < 0) {
            throw in.wrong("with a data record in segment %d of %d bytes".formatted(segment, length));
        }
        return new DataRecord(new Location(segment, offset, length), in.u32());
    }

    /** Where the record begins. */
    LogPosition start() {
        return new LogPosition(location.segment(), location.position());
    }
}
