package org.qsfs.stor.deletion;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.StorException;

/**
 * When the last scheduled collection of orphans began (format), value of the catalog key {@value #KEY}, big-endian:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSORPH"
 *   8     2   format version, 1
 *  10     8   milliseconds since 1970
 * </pre>
 *
 * @param begun when it began; on a new volume, when the schedule did
 */
record LastCollection(Instant begun) {
    static final String KEY = "orphans/collected";

    private static final byte[] MAGIC = "QSFSORPH".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    byte[] encode() {
        return ByteBuffer.allocate(MAGIC.length + Short.BYTES + Long.BYTES)
                .put(MAGIC)
                .putShort((short) VERSION)
                .putLong(begun.toEpochMilli())
                .array();
    }

    static LastCollection decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the record " + KEY, bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        Instant begun = Instant.ofEpochMilli(in.i64("its time"));
        in.end();
        return new LastCollection(begun);
    }
}
