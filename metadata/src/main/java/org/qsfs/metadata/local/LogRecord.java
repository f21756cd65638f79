package org.qsfs.metadata.local;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogTransaction;

/**
 * One record of a commit log: a commit, or a part of the state in a compacted log.
 *
 * <pre>
 * offset  size  field                       (format; integers big endian)
 * 0       4     "CMT1"
 * 4       4     CRC-32C of everything after
 * 8       4     length of everything after this field
 * 12      8     revision of the log after this record
 * 20      4     number of changes; each:
 *   0     1       1 put, 2 delete
 *   1     8       revision of the key (in a commit: that of the commit)
 *   9     2       length of the key
 *   11    …       key, ASCII
 *                 put only: 4 length of the value, 4 CRC-32C of the value, value
 * </pre>
 */
record LogRecord(long revision, List<Change> changes) {

    static final int MAGIC = 0x434d5431;
    static final int HEADER_BYTES = 12;
    static final int MIN_BODY_BYTES = 12;

    /** A put without its key and value. */
    static final int PUT_BYTES = 19;

    /** The largest transaction with what surrounds its keys and values; the lease adds one change to it. */
    static final int MAX_BODY_BYTES = CatalogTransaction.MAX_BYTES + 1024 * CatalogTransaction.MAX_OPERATIONS;

    private static final byte PUT = 1;
    private static final byte DELETE = 2;

    /** What a record does to one key. */
    sealed interface Change {
        String key();
    }

    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    record Put(String key, long revision, byte[] value) implements Change {}

    record Delete(String key, long revision) implements Change {}

    /** A value as it lies in the log. */
    record Slot(long offset, int length, int crc, long revision) {}

    /** A change found in the log: a slot for a put, null for a delete. */
    record Found(String key, @Nullable Slot slot) {}

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    ByteBuffer toBytes() {
        int length = MIN_BODY_BYTES;
        for (Change change : changes) {
            length += PUT_BYTES + change.key().length() + (change instanceof Put put ? put.value.length : -8);
        }
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + length);
        out.putInt(MAGIC).putInt(0).putInt(length).putLong(revision).putInt(changes.size());
        for (Change change : changes) {
            byte[] key = change.key().getBytes(StandardCharsets.US_ASCII);
            switch (change) {
                case Put put ->
                    out.put(PUT)
                            .putLong(put.revision)
                            .putShort((short) key.length)
                            .put(key)
                            .putInt(put.value.length)
                            .putInt(crc(ByteBuffer.wrap(put.value)))
                            .put(put.value);
                case Delete delete ->
                    out.put(DELETE)
                            .putLong(delete.revision)
                            .putShort((short) key.length)
                            .put(key);
            }
        }
        out.putInt(4, crc(out.duplicate().flip().position(8)));
        return out.flip();
    }

    /**
     * Reads the body of a record whose checksum is right.
     *
     * @param body what follows the header
     * @param offset of the body in the file
     * @throws BufferUnderflowException when its lengths contradict each other
     */
    static List<Found> changes(ByteBuffer body, long offset) {
        body.position(8);
        int count = body.getInt();
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte kind = body.get();
            long revision = body.getLong();
            byte[] key = new byte[Short.toUnsignedInt(body.getShort())];
            body.get(key);
            String name = new String(key, StandardCharsets.US_ASCII);
            if (kind == DELETE) {
                found.add(new Found(name, null));
            } else if (kind == PUT) {
                int length = body.getInt();
                int crc = body.getInt();
                found.add(new Found(name, new Slot(offset + body.position(), length, crc, revision)));
                if (length < 0 || length > body.remaining()) {
                    throw new BufferUnderflowException();
                }
                body.position(body.position() + length);
            } else {
                throw new BufferUnderflowException();
            }
        }
        return found;
    }
}
