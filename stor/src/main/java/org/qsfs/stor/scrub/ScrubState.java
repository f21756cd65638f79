package org.qsfs.stor.scrub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.StorException;

/**
 * How far the scrub of one depth is (format), value of the catalog key {@code scrub/check} or {@code scrub/read}, big-endian:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSSCRB"
 *   8     2   format version, 1
 *  10     8   begin of the scrub, milliseconds since 1970
 *  18     1   0 ended, 1 under way and a segment follows, 2 under way at the very begin
 *  19     1   namespace of the segment that was looked at last   only when it follows
 *  20     8   its epoch
 *  28     4   its number
 * </pre>
 *
 * @param begun when it began
 * @param ended whether it came to its end
 * @param last the segment that was looked at last, while it is under way
 */
record ScrubState(Instant begun, boolean ended, Optional<SegmentId> last) {
    private static final byte[] MAGIC = "QSFSSCRB".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int ENDED = 0;
    private static final int AT_SEGMENT = 1;
    private static final int AT_BEGIN = 2;
    private static final int BYTES = 32;

    static String key(CheckDepth depth) {
        return "scrub/" + depth.word();
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES)
                .put(MAGIC)
                .putShort((short) VERSION)
                .putLong(begun.toEpochMilli())
                .put((byte) (ended ? ENDED : last.isPresent() ? AT_SEGMENT : AT_BEGIN));
        if (!ended && last.isPresent()) {
            SegmentId id = last.get();
            out.put(id.namespace().code()).putLong(id.epoch()).putInt(id.number());
        }
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    static ScrubState decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the state of a scrub", bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        Instant begun = Instant.ofEpochMilli(in.i64("its begin"));
        int kind = in.u8();
        if (kind > AT_BEGIN) {
            throw in.damaged("its kind is " + kind);
        }
        Optional<SegmentId> last = Optional.empty();
        if (kind == AT_SEGMENT) {
            SegmentNamespace namespace =
                    SegmentNamespace.ofCode(in.u8()).orElseThrow(() -> in.damaged("its namespace is unknown"));
            last = Optional.of(new SegmentId(in.i64("its epoch"), namespace, in.i32("its number")));
        }
        in.end();
        return new ScrubState(begun, kind == ENDED, last);
    }
}
