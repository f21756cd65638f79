package org.qsfs.metadata.zdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.writer.HolderRecord;

/**
 * Who may write (format), whole in every namespace, big-endian; the highest epoch and revision counts:
 *
 * <pre>
 * offset size
 *   0     4   magic "QCW1"
 *   4     8   epoch
 *  12     8   revision
 *  20     …   holder record, UTF-8; empty when nobody is the writer
 *         4   CRC-32C of everything before
 * </pre>
 */
record WriterRecord(long epoch, long revision, @Nullable HolderRecord holder) {
    /** Before the first writer. */
    static final WriterRecord NONE = new WriterRecord(0, 0, null);

    static final Comparator<WriterRecord> ORDER =
            Comparator.comparingLong(WriterRecord::epoch).thenComparingLong(WriterRecord::revision);

    private static final byte[] MAGIC = "QCW1".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_BYTES = 20;

    byte[] encode() {
        byte[] who = holder == null ? new byte[0] : holder.toBytes();
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + who.length + Integer.BYTES)
                .put(MAGIC)
                .putLong(epoch)
                .putLong(revision)
                .put(who);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /** The record with these bytes, empty when they are none or damaged. */
    static Optional<WriterRecord> decode(byte[] bytes) {
        int end = bytes.length - Integer.BYTES;
        if (end < FIXED_BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(end) != crc(bytes, end)) {
            return Optional.empty();
        }
        try {
            byte[] who = Arrays.copyOfRange(bytes, FIXED_BYTES, end);
            return Optional.of(new WriterRecord(
                    in.getLong(MAGIC.length),
                    in.getLong(MAGIC.length + Long.BYTES),
                    who.length == 0 ? null : HolderRecord.parse(who)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    boolean isHeldBy(String token) {
        return holder != null && holder.token().equals(token);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
