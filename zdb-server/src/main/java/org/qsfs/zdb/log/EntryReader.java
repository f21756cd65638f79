package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.ZdbCrc;

/** Reads entries by location, from local files or {@link MissingSegments}. Any thread, no lock. */
final class EntryReader {
    private final SegmentLogConfig config;
    private final SegmentDirectory directory;

    EntryReader(SegmentLogConfig config, SegmentDirectory directory) {
        this.config = config;
        this.directory = directory;
    }

    void read(Location location, int from, ByteBuffer dst) throws IOException {
        if (from < 0 || dst.remaining() > location.length() - from) {
            throw new IllegalArgumentException(
                    "bytes %d to %d of the value at %s".formatted(from, from + (long) dst.remaining(), location));
        }
        int keyLength =
                config.keyLength() > 0 ? config.keyLength() : header(location).keyLength();
        long at = location.position() + DataFormat.ENTRY_HEADER_BYTES + keyLength + from;
        directory.read(location.segment(), at, dst);
    }

    EntryHeader header(Location location) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(DataFormat.ENTRY_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        directory.read(location.segment(), location.position(), head);
        EntryHeader header = DataFormat.entryHeader(head.flip(), 0);
        if (header.keyLength() == 0 || header.valueLength() != location.length()) {
            throw new DamagedEntryException(
                    config.namespace(),
                    location,
                    "key of %d and value of %d bytes in its header"
                            .formatted(header.keyLength(), header.valueLength()));
        }
        return header;
    }

    LogEntry entry(Location location) throws IOException {
        EntryHeader header = header(location);
        ByteBuffer bytes = ByteBuffer.allocate(header.keyLength() + location.length());
        directory.read(location.segment(), location.position() + DataFormat.ENTRY_HEADER_BYTES, bytes);
        bytes.flip();
        byte[] key = new byte[header.keyLength()];
        bytes.get(key);
        ByteBuffer value = bytes.slice();
        int crc = ZdbCrc.of(value);
        if (crc != header.crc()) {
            throw new DamagedEntryException(
                    config.namespace(), location, "checksum %08x instead of %08x".formatted(crc, header.crc()));
        }
        return new LogEntry(key, value, header.timestamp());
    }
}
