package org.qsfs.zdb.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;

/**
 * A data file that is appended to. An entry is written in one call; when that fails the file is cut back to its old length, so
 * it always ends with a whole entry. Appends are made under a lock of the caller; {@link #length} may be read by anyone.
 */
public final class DataFile implements Closeable {
    /** Entries up to this size are copied together into one buffer; larger values are written from where they are. */
    private static final int STAGING_BYTES = 32 << 10;

    private static final int BATCH_STAGING_BYTES = 256 << 10;

    /** Room is reserved for as many bytes as a file has, so that small files stay small, and at most for so many. */
    private static final long MAX_RESERVED_BYTES = 8 << 20;

    private static final long TOO_SMALL_TO_RESERVE = 256 << 10;

    private final int number;
    private final OpenFile file;
    private final ByteBuffer staging;
    private volatile long length;
    private int lastEntry;
    private long reserved;

    private DataFile(int number, OpenFile file, ByteBuffer staging, long length, int lastEntry) {
        this.number = number;
        this.file = file;
        this.staging = staging;
        this.length = length;
        this.lastEntry = lastEntry;
    }

    /** A buffer for the entries of one namespace at a time; passed from data file to data file. */
    public static ByteBuffer staging() {
        return ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same for who appends many entries at once. */
    static ByteBuffer batchStaging() {
        return ByteBuffer.allocateDirect(BATCH_STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Creates {@code dN} with its header and makes its name durable. {@code before}: offset of the last entry of the file before. */
    public static DataFile create(FileLayer files, Path directory, int number, ByteBuffer staging, int before)
            throws IOException {
        OpenFile file = files.open(directory.resolve(DataFormat.fileName(number)), OpenMode.CREATE);
        try {
            file.write(0, DataFormat.header(number));
            files.syncDirectory(directory);
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return new DataFile(number, file, staging, DataFormat.HEADER_BYTES, before);
    }

    /** Goes on with an existing file that ends at {@code length}. */
    public static DataFile resume(int number, OpenFile file, ByteBuffer staging, long length, int lastEntry) {
        return new DataFile(number, file, staging, length, lastEntry);
    }

    public int number() {
        return number;
    }

    public OpenFile file() {
        return file;
    }

    /** Bytes up to the end of the last whole entry. */
    public long length() {
        return length;
    }

    /** Offset of the last entry, unsigned. */
    public int lastEntry() {
        return lastEntry;
    }

    /**
     * Appends an entry and returns the offset of its header.
     *
     * @throws IOException the entry is not in the file; {@link Throwable#getSuppressed} is not empty when the file could not be
     *     cut back and must not be used any more
     */
    public int append(byte[] key, int flags, int timestamp, int crc, int valueLength, ByteBuffer... value)
            throws IOException {
        long at = length;
        int entryBytes = DataFormat.ENTRY_HEADER_BYTES + key.length + valueLength;
        if (at + entryBytes > DataFormat.MAX_FILE_BYTES) {
            throw new IOException("data file %d has %d bytes; an entry of %d does not fit below 4 GiB"
                    .formatted(number, at, entryBytes));
        }
        staging.clear();
        DataFormat.putEntry(staging, key, valueLength, lastEntry, crc, flags, timestamp);
        try {
            reserve(at + entryBytes);
            if (entryBytes <= STAGING_BYTES) {
                for (ByteBuffer part : value) {
                    staging.put(part);
                }
                file.write(at, staging.flip());
            } else {
                ByteBuffer[] all = new ByteBuffer[value.length + 1];
                all[0] = staging.flip();
                System.arraycopy(value, 0, all, 1, value.length);
                file.write(at, all);
            }
        } catch (IOException e) {
            cutBack(at, e);
            throw e;
        }
        lastEntry = (int) at;
        length = at + entryBytes;
        return (int) at;
    }

    /**
     * Appends entries one behind the other, in as few writes as their sizes allow. All or none of them are in the file then, as with a single one.
     *
     * @return the offsets of their headers
     */
    int[] append(List<NewEntry> entries, int timestamp) throws IOException {
        int[] offsets = new int[entries.size()];
        long at = length;
        int before = lastEntry;
        Gathering gathering = new Gathering(at);
        try {
            for (int i = 0; i < offsets.length; i++) {
                NewEntry entry = entries.get(i);
                gathering.add(entry, before, timestamp);
                before = (int) at;
                offsets[i] = before;
                at += entry.length();
            }
            gathering.write();
        } catch (IOException e) {
            cutBack(length, e);
            throw e;
        }
        lastEntry = before;
        length = at;
        return offsets;
    }

    /** Consecutive entries on their way into one write: headers and small values in the staging buffer, large values where they are. */
    private final class Gathering {
        private final List<ByteBuffer> parts = new ArrayList<>();
        private long position;
        /** Begin of what is staged behind the last part. */
        private int staged;

        Gathering(long position) {
            this.position = position;
            staging.clear();
        }

        void add(NewEntry entry, int before, int timestamp) throws IOException {
            boolean small = entry.length() <= STAGING_BYTES;
            if (staging.remaining() < STAGING_BYTES) {
                write();
            }
            DataFormat.putEntry(staging, entry.key(), entry.valueLength(), before, entry.crc(), 0, timestamp);
            if (small) {
                entry.value().forEach(staging::put);
            } else {
                endStaged();
                parts.addAll(entry.value());
            }
        }

        void write() throws IOException {
            endStaged();
            if (parts.isEmpty()) {
                return;
            }
            ByteBuffer[] all = parts.toArray(ByteBuffer[]::new);
            long bytes = 0;
            for (ByteBuffer part : all) {
                bytes += part.remaining();
            }
            reserve(position + bytes);
            file.write(position, all);
            position += bytes;
            parts.clear();
            staging.clear();
            staged = 0;
        }

        private void endStaged() {
            if (staging.position() > staged) {
                parts.add(staging.slice(staged, staging.position() - staged));
                staged = staging.position();
            }
        }
    }

    /** Takes back what was appended since the file had this length and last entry. */
    public void undo(long to, int lastEntryBefore) throws IOException {
        file.truncate(to);
        length = to;
        lastEntry = lastEntryBefore;
    }

    private void reserve(long end) throws IOException {
        if (end > reserved && end > TOO_SMALL_TO_RESERVE) {
            reserved = Math.min(end + Math.min(end, MAX_RESERVED_BYTES), DataFormat.MAX_FILE_BYTES);
            file.reserve(reserved);
        }
    }

    /** To be called when nothing more is appended. */
    public void complete() {
        file.giveBackReserved();
    }

    private void cutBack(long at, IOException cause) {
        try {
            file.truncate(at);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
