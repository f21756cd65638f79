package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.FormatException;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.EntryVisitor.Entry;
import org.qsfs.zdb.log.ScanEnd.Reason;

/** Walks the entries of one data file in order. Holds a window of the file: 256 KiB, or one entry where that is longer. */
public final class EntryWalker {
    private static final int WINDOW_BYTES = 256 << 10;
    private static final int LONGEST_HEAD = DataFormat.ENTRY_HEADER_BYTES + DataFormat.MAX_KEY_BYTES;
    private static final int KNOWN_FLAGS = DataFormat.DELETED | DataFormat.TRUNCATED;

    /** Bytes of a data file. */
    public interface Source {
        /** Fills the remaining space of {@code dst} from {@code position}. */
        void read(ByteBuffer dst, long position) throws IOException;
    }

    private final int number;
    private final Source source;
    private final long length;
    private final boolean values;
    private ByteBuffer window;
    private long windowAt;

    /**
     * @param length bytes of the file
     * @param values whether values are read and checked; if not, only headers and keys are
     */
    public EntryWalker(int number, Source source, long length, boolean values) {
        this.number = number;
        this.source = source;
        this.length = length;
        this.values = values;
        this.window = window(Math.clamp(length, 0, WINDOW_BYTES)).limit(0);
    }

    /** Visits entries from an offset, which is 0 or the boundary of an entry. */
    public ScanEnd walk(long from, EntryVisitor visitor) throws IOException {
        long at = from;
        if (at < DataFormat.HEADER_BYTES) {
            if (length < DataFormat.HEADER_BYTES) {
                return end(0, Reason.TORN, "the file has %d bytes, its header has 28".formatted(length));
            }
            try {
                DataFormat.checkHeader(load(0, DataFormat.HEADER_BYTES), number, DataFormat.fileName(number));
            } catch (FormatException e) {
                return end(0, Reason.CORRUPT, String.valueOf(e.getMessage()));
            }
            at = DataFormat.HEADER_BYTES;
        }
        while (at < length) {
            if (length - at < DataFormat.ENTRY_HEADER_BYTES) {
                return end(at, Reason.TORN, "%d bytes are left, an entry header has 18".formatted(length - at));
            }
            ByteBuffer head = load(at, (int) Math.min(LONGEST_HEAD, length - at));
            EntryHeader header = DataFormat.entryHeader(head, head.position());
            if (header.keyLength() == 0) {
                return end(at, isZero(head) ? Reason.TORN : Reason.CORRUPT, "an entry with an empty key");
            }
            if (header.valueLength() > DataFormat.MAX_VALUE_BYTES || (header.flags() & ~KNOWN_FLAGS) != 0) {
                return end(
                        at,
                        Reason.CORRUPT,
                        "an entry with a value of %d bytes and flags %d"
                                .formatted(header.valueLength(), header.flags()));
            }
            if (header.entryBytes() > length - at) {
                return end(
                        at,
                        Reason.TORN,
                        "an entry of %d bytes where %d are left".formatted(header.entryBytes(), length - at));
            }
            Entry entry = entry(at, header);
            at += header.entryBytes();
            if (!visitor.entry(entry)) {
                return end(at, Reason.STOPPED, "");
            }
        }
        return end(at, Reason.END, "");
    }

    private Entry entry(long at, EntryHeader header) throws IOException {
        int headBytes = DataFormat.ENTRY_HEADER_BYTES + header.keyLength();
        int valueBytes = (int) header.valueLength();
        ByteBuffer bytes = load(at, values ? headBytes + valueBytes : headBytes);
        byte[] key = new byte[header.keyLength()];
        bytes.get(bytes.position() + DataFormat.ENTRY_HEADER_BYTES, key);
        ByteBuffer value = values
                ? bytes.slice(bytes.position() + headBytes, valueBytes).asReadOnlyBuffer()
                : ByteBuffer.allocate(0);
        boolean crcOk = !values || ZdbCrc.of(value) == header.crc();
        Location location = new Location(number, (int) at, valueBytes);
        return new Entry(key, location, header.flags(), header.timestamp(), header.crc(), crcOk, value);
    }

    /** The window, positioned at file offset {@code at}, with at least {@code count} bytes remaining. */
    private ByteBuffer load(long at, int count) throws IOException {
        if (at < windowAt || at + count > windowAt + window.limit()) {
            if (window.capacity() < count) {
                window = window(count);
            } else if (window.capacity() > 4 * WINDOW_BYTES && count <= WINDOW_BYTES) {
                window = window(WINDOW_BYTES);
            }
            // headers of long values stand far apart, so reading a whole window for each would read everything
            int wanted = values || at <= windowAt + window.limit() ? window.capacity() : Math.max(count, 4096);
            window.clear().limit((int) Math.min(wanted, length - at));
            windowAt = at;
            source.read(window, at);
            window.flip();
        }
        window.position((int) (at - windowAt));
        return window;
    }

    private ScanEnd end(long at, Reason reason, String detail) {
        String text = detail.isEmpty() ? "" : "%s at %d: %s".formatted(DataFormat.fileName(number), at, detail);
        return new ScanEnd(new LogPosition(number, at), reason, text);
    }

    private static boolean isZero(ByteBuffer head) {
        for (int i = 0; i < DataFormat.ENTRY_HEADER_BYTES; i++) {
            if (head.get(head.position() + i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer window(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
