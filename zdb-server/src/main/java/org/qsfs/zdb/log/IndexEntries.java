package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.qsfs.zdb.log.EntryVisitor.Entry;

/**
 * What the index file needs of the entries of one segment, kept while they are appended so that the segment need not be read again when it is closed. At most {@value #MAX_BYTES} bytes: of more
 * entries than fit nothing is kept. For one thread at a time.
 *
 * <pre>
 * offset  size  per entry
 *      0     1  key length k
 *      1     4  offset
 *      5     4  value length
 *      9     4  timestamp
 *     13     4  checksum of the value
 *     17     k  key
 * </pre>
 */
final class IndexEntries {
    static final int MAX_BYTES = 4 << 20;

    private static final int FIRST_BYTES = 4 << 10;
    private static final int FIXED_BYTES = 17;
    private static final ByteBuffer NO_VALUE = ByteBuffer.allocate(0);

    private final int segment;
    private ByteBuffer kept = ByteBuffer.allocate(FIRST_BYTES);
    private boolean complete = true;

    IndexEntries(int segment) {
        this.segment = segment;
    }

    void add(NewEntry entry, int offset, int timestamp) {
        byte[] key = entry.key();
        if (!makeRoom(FIXED_BYTES + key.length)) {
            return;
        }
        kept.put((byte) key.length)
                .putInt(offset)
                .putInt(entry.valueLength())
                .putInt(timestamp)
                .putInt(entry.crc())
                .put(key);
    }

    private boolean makeRoom(int bytes) {
        if (kept.remaining() < bytes) {
            int larger = 2 * kept.capacity();
            complete &= larger <= MAX_BYTES;
            kept = complete ? ByteBuffer.allocate(larger).put(kept.flip()) : NO_VALUE;
        }
        return complete;
    }

    /** Whether all entries are here. */
    boolean isComplete() {
        return complete;
    }

    /** Shows the entries in order, without their values. */
    void visit(EntryVisitor visitor) throws IOException {
        ByteBuffer all = kept.duplicate().flip();
        while (all.hasRemaining()) {
            byte[] key = new byte[all.get() & 0xff];
            int offset = all.getInt();
            Location location = new Location(segment, offset, all.getInt());
            int timestamp = all.getInt();
            int crc = all.getInt();
            all.get(key);
            visitor.entry(new Entry(key, location, 0, timestamp, crc, true, NO_VALUE));
        }
    }
}
