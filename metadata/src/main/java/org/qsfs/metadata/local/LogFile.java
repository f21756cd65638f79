package org.qsfs.metadata.local;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;

/**
 * The bytes of a commit log: a header, then {@linkplain LogRecord records}.
 *
 * <pre>
 * offset  size  field              (format)
 * 0       8     "qsfs-cat"
 * 8       4     version, 1
 * 12      4     CRC-32C of bytes 0..11
 * 16      …     records
 * </pre>
 *
 * <p>Reading is thread-safe, writing is not. An interrupt does no harm: a {@link FileChannel} would be closed by it, for everybody.
 */
final class LogFile implements AutoCloseable {

    static final int HEADER_BYTES = 16;

    private static final byte[] MAGIC = "qsfs-cat".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int SEARCH_WINDOW_BYTES = 64 * 1024;

    private final Path path;
    private final RandomAccessFile file;
    private final Object identity;

    private LogFile(Path path, RandomAccessFile file) throws IOException {
        this.path = path;
        this.file = file;
        this.identity = identity(path);
    }

    /** Opens an existing log and checks its header. */
    static LogFile open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        boolean done = false;
        try {
            LogFile opened = new LogFile(path, file);
            opened.checkHeader();
            done = true;
            return opened;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /** Writes a whole new log and puts it in place of the old one; a crash at any moment leaves one of the two. */
    static void replace(Path path, Iterator<LogRecord> records) throws IOException {
        Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a log is in a directory");
        Path temporary = directory.resolve(path.getFileName() + ".new");
        try (RandomAccessFile out = new RandomAccessFile(temporary.toFile(), "rw")) {
            out.setLength(0);
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(VERSION);
            header.putInt(LogRecord.crc(header.duplicate().flip())).flip();
            long at = write(out, header, 0);
            while (records.hasNext()) {
                at = write(out, records.next().toBytes(), at);
            }
            out.getFD().sync();
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(directory);
    }

    /** A directory can only be synced through a channel, so an interrupt is put off. */
    private static void sync(Path directory) throws IOException {
        boolean interrupted = false;
        boolean done = false;
        while (!done) {
            interrupted |= Thread.interrupted();
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
                done = true;
            } catch (ClosedByInterruptException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Path path() {
        return path;
    }

    long size() throws IOException {
        return file.length();
    }

    /** Whether another file has taken this one's place. */
    boolean isReplaced() throws IOException {
        return !identity.equals(identity(path));
    }

    void write(ByteBuffer bytes, long at) throws IOException {
        write(file, bytes, at);
    }

    void sync() throws IOException {
        file.getFD().sync();
    }

    void truncate(long size) throws IOException {
        file.setLength(size);
    }

    ByteBuffer read(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        synchronized (file) {
            file.seek(offset);
            try {
                file.readFully(bytes);
            } catch (EOFException e) {
                throw new IOException(
                        path + " ends at " + file.length() + ", expected " + length + " bytes at " + offset, e);
            }
        }
        return ByteBuffer.wrap(bytes);
    }

    /** The body of the whole and undamaged record at an offset, or null. */
    @Nullable
    ByteBuffer recordAt(long offset, long size) throws IOException {
        if (size - offset < LogRecord.HEADER_BYTES) {
            return null;
        }
        ByteBuffer header = read(offset, LogRecord.HEADER_BYTES);
        int magic = header.getInt();
        int crc = header.getInt();
        int length = header.getInt();
        if (magic != LogRecord.MAGIC
                || length < LogRecord.MIN_BODY_BYTES
                || length > LogRecord.MAX_BODY_BYTES
                || length > size - offset - LogRecord.HEADER_BYTES) {
            return null;
        }
        ByteBuffer checked = read(offset + 8, 4 + length);
        if (LogRecord.crc(checked.duplicate()) != crc) {
            return null;
        }
        return checked.position(4).slice();
    }

    /** Where the next undamaged record begins, or -1. */
    long nextRecord(long from, long size) throws IOException {
        for (long base = from; base < size; base += SEARCH_WINDOW_BYTES - 3) {
            ByteBuffer bytes = read(base, (int) Math.min(SEARCH_WINDOW_BYTES, size - base));
            for (int i = 0; i + 4 <= bytes.limit(); i++) {
                if (bytes.getInt(i) == LogRecord.MAGIC && recordAt(base + i, size) != null) {
                    return base + i;
                }
            }
        }
        return -1;
    }

    CatalogException corrupt(long offset, String what) {
        return new CatalogException.Corrupt(
                path + ": damaged at offset " + offset + ": " + what + ". Restore the file from a backup", null);
    }

    private void checkHeader() throws IOException {
        if (size() < HEADER_BYTES) {
            throw corrupt(0, "the file has " + size() + " bytes, its header alone has " + HEADER_BYTES);
        }
        ByteBuffer header = read(0, HEADER_BYTES);
        byte[] magic = new byte[MAGIC.length];
        header.get(magic);
        int version = header.getInt();
        if (!Arrays.equals(magic, MAGIC)) {
            throw corrupt(0, "it is no qsfs catalog");
        }
        if (LogRecord.crc(read(0, HEADER_BYTES - 4)) != header.getInt()) {
            throw corrupt(0, "the header does not match its checksum");
        }
        if (version != VERSION) {
            throw new CatalogException.Failed(
                    path + ": format version " + version + ", this qsfs knows " + VERSION + "; use a newer qsfs", null);
        }
    }

    /** @return where the bytes end */
    private static long write(RandomAccessFile file, ByteBuffer bytes, long at) throws IOException {
        int length = bytes.remaining();
        synchronized (file) {
            file.seek(at);
            file.write(bytes.array(), bytes.arrayOffset() + bytes.position(), length);
        }
        return at + length;
    }

    private static Object identity(Path path) throws IOException {
        try {
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return key == null ? path : key;
        } catch (NoSuchFileException e) {
            throw new CatalogException.Failed(path + " was removed while it was in use", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
