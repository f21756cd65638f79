package org.qsfs.zdb.engine;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.FilePool;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.DataFile;

/**
 * The data files of a namespace. The active one is appended to under the store's lock; reading takes no lock.
 *
 * <p>Any other file may be removed from the disk by whoever offloads it. Its name is looked up before each read, so that a file
 * kept open does not go on living without a name and holding its space.
 */
final class DataFiles implements Closeable {
    /** Bytes of the longest header and key. */
    static final int ROOM_BYTES = DataFormat.ENTRY_HEADER_BYTES + DataFormat.MAX_KEY_BYTES;

    private final FileLayer files;
    private final Path directory;
    private final FilePool pool;
    private final Offload offload;
    private final ByteBuffer staging = DataFile.staging();
    private volatile @Nullable DataFile active;

    DataFiles(FileLayer files, Path directory, int openFiles, Offload offload) {
        this.files = files;
        this.directory = directory;
        this.offload = offload;
        this.pool = new FilePool(openFiles, n -> files.open(path(n), OpenMode.READ));
    }

    Path directory() {
        return directory;
    }

    Path path(int number) {
        return directory.resolve(DataFormat.fileName(number));
    }

    DataFile active() {
        DataFile file = active;
        if (file == null) {
            throw new IllegalStateException("no data file of " + directory + " is open");
        }
        return file;
    }

    /** Creates a data file, which becomes the active one with {@link #activate}. */
    DataFile prepare(int number) throws IOException {
        DataFile before = active;
        return DataFile.create(files, directory, number, staging, before == null ? 0 : before.lastEntry());
    }

    void activate(DataFile file) throws IOException {
        completeActive();
        pool.pin(file.number(), file.file());
        active = file;
    }

    private void completeActive() {
        DataFile file = active;
        if (file != null) {
            file.complete();
        }
    }

    /** Removes a prepared file that is not wanted after all. */
    void discard(DataFile file) throws IOException {
        file.close();
        files.delete(path(file.number()));
    }

    /** Goes on with an existing file that ends at {@code length}. */
    void resume(int number, long length, int lastEntry) throws IOException {
        DataFile file =
                DataFile.resume(number, files.open(path(number), OpenMode.READ_WRITE), staging, length, lastEntry);
        pool.pin(number, file.file());
        active = file;
    }

    /** Reads bytes of a file, asking for its restoration when it is not there. */
    void read(int number, long position, ByteBuffer dst) throws IOException {
        int start = dst.position();
        try {
            readLocal(number, position, dst);
        } catch (NoSuchFileException e) {
            if (number == active().number() || !offload.restore(path(number))) {
                throw ValueUnreadableException.missing(path(number));
            }
            readLocal(number, position, dst.position(start));
        }
    }

    /** Reads bytes of a file; {@link NoSuchFileException} when it is not there. */
    void readLocal(int number, long position, ByteBuffer dst) throws IOException {
        if (number != active().number() && !files.exists(path(number))) {
            pool.forget(number);
            throw new NoSuchFileException(path(number).toString());
        }
        pool.read(number, dst, position);
    }

    /**
     * Reads a whole value into the remaining space of all buffers, which is as long. Their positions stay. The entry must be the
     * one that the index means: header and key are compared, and the checksum is computed.
     *
     * <p>Where the first buffer has {@link #ROOM_BYTES} before its position, the entry is read in one call; those bytes are the same
     * afterwards.
     */
    void readValue(Version version, byte[] key, ByteBuffer... dst) throws IOException {
        int file = version.dataFile();
        long at = Integer.toUnsignedLong(version.dataOffset());
        // part by part, while it is in the processor's cache
        ZdbCrc crc = new ZdbCrc();
        try {
            int headBytes = DataFormat.ENTRY_HEADER_BYTES + key.length;
            boolean together = dst.length > 0 && dst[0].position() >= headBytes;
            if (together) {
                readWithHead(version, key, dst[0]);
            } else {
                ByteBuffer head = ByteBuffer.allocate(headBytes);
                read(file, at, head);
                requireSame(version, key, head.flip());
            }
            long from = at + headBytes;
            if (together) {
                from += dst[0].remaining();
                crc.update(dst[0]);
            }
            for (int i = together ? 1 : 0; i < dst.length; i++) {
                int start = dst[i].position();
                read(file, from, dst[i]);
                from += dst[i].position() - start;
                dst[i].position(start);
                crc.update(dst[i]);
            }
        } catch (EOFException e) {
            throw ValueUnreadableException.misplaced(path(file), at);
        } catch (NoSuchFileException e) {
            throw ValueUnreadableException.missing(path(file));
        }
        int found = crc.value();
        if (found != version.crc()) {
            throw ValueUnreadableException.damaged(path(file), at, found, version.crc());
        }
    }

    /** Reads header, key and the first part of a value; the head goes where other bytes are, which are put back. */
    private void readWithHead(Version version, byte[] key, ByteBuffer value) throws IOException {
        int headBytes = DataFormat.ENTRY_HEADER_BYTES + key.length;
        int headAt = value.position() - headBytes;
        byte[] saved = new byte[headBytes];
        value.get(headAt, saved);
        try {
            ByteBuffer whole = value.duplicate().position(headAt);
            read(version.dataFile(), Integer.toUnsignedLong(version.dataOffset()), whole);
            requireSame(version, key, whole.flip().position(headAt));
        } finally {
            value.put(headAt, saved);
        }
    }

    private void requireSame(Version version, byte[] key, ByteBuffer entry) throws IOException {
        ByteBuffer from = entry.order(ByteOrder.LITTLE_ENDIAN);
        EntryHeader header = DataFormat.entryHeader(from, from.position());
        boolean same = header.keyLength() == key.length
                && header.valueLength() == version.length()
                && header.crc() == version.crc()
                && (header.flags() & DataFormat.TRUNCATED) == 0
                && from.slice(from.position() + DataFormat.ENTRY_HEADER_BYTES, key.length)
                                .mismatch(ByteBuffer.wrap(key))
                        < 0;
        if (!same) {
            throw ValueUnreadableException.misplaced(
                    path(version.dataFile()), Integer.toUnsignedLong(version.dataOffset()));
        }
    }

    /** Another file has taken the place of this one. */
    void replaced(int number) throws IOException {
        pool.forget(number);
    }

    /** Header and key of the entry at an offset, whatever is there. */
    EntryHeader header(int number, long offset) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(DataFormat.ENTRY_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        read(number, offset, head);
        return DataFormat.entryHeader(head.flip(), 0);
    }

    @Override
    public void close() throws IOException {
        completeActive();
        pool.close();
    }
}
