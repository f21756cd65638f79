package org.qsfs.metadata.dump;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;

/**
 * A copy of a whole catalog in one file (format), big-endian:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSCATX"
 *   8     4   format version, 1
 *  12         entries, each:
 *         2     length of the key, at least 1
 *         …     key, ASCII
 *         4     length of the value
 *         …     value, as the catalog has it: sealed, but for the volume header and {@code writer/epoch}
 *         2   0: no more entries
 *         8   number of entries
 *         4   CRC-32C of everything before
 * </pre>
 *
 * <p>Who is the writer is not copied. The head is read before everything else, so that what it needs is in the copy although the volume is being written meanwhile.
 *
 * @param entries how many
 * @param epoch the writer's epoch when the copy was made, 0 when there was none
 */
public record CatalogDump(long entries, long epoch) {
    private static final byte[] MAGIC = "QSFSCATX".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int LONGEST_VALUE = CatalogTransaction.MAX_BYTES;
    private static final String HEAD = "head";

    /**
     * Writes a copy of a catalog. The file is durable when this returns, and only its owner may read it.
     *
     * @param catalog the catalog itself, not a sealed one
     * @param file must not exist
     */
    public static CatalogDump write(Catalog catalog, Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            OutputStream buffered =
                    new BufferedOutputStream(java.nio.channels.Channels.newOutputStream(channel), 1 << 16);
            CheckedOutputStream checked = new CheckedOutputStream(buffered, new CRC32C());
            DataOutputStream out = new DataOutputStream(checked);
            out.write(MAGIC);
            out.writeInt(VERSION);
            long[] count = {0};
            Optional<CatalogEntry> head = catalog.get(HEAD);
            if (head.isPresent()) {
                write(out, head.get());
                count[0]++;
            }
            catalog.scan("", entry -> {
                if (!entry.key().equals(HEAD) && isCopied(entry.key())) {
                    try {
                        write(out, entry);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    count[0]++;
                }
            });
            out.writeShort(0);
            out.writeLong(count[0]);
            out.writeInt((int) checked.getChecksum().getValue());
            out.flush();
            channel.force(true);
            return new CatalogDump(count[0], epoch(catalog));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Checks a copy from beginning to end.
     *
     * @throws IOException it is no copy of a catalog, or it is damaged
     */
    public static CatalogDump check(Path file) throws IOException {
        return read(file, entry -> {});
    }

    /**
     * Fills an empty catalog from a copy, which {@link CatalogKeys#IMPORTED} then says. The writer's epoch is what it was, so that a machine with local state goes on.
     *
     * @param catalog the catalog itself, not a sealed one; nothing may be in it but who was its writer
     * @param holder who fills it
     * @throws IOException the copy is damaged; nothing was changed then
     * @throws IllegalStateException the catalog is not empty
     */
    public static CatalogDump load(Catalog catalog, Path file, String holder) throws IOException {
        CatalogDump dump = check(file);
        catalog.scan("", entry -> {
            if (!entry.key().startsWith("writer/")) {
                throw new IllegalStateException(catalog + " is not empty, it has " + entry.key()
                        + "; import into an empty one: another directory or another prefix");
            }
        });
        OptionalLong own = dump.epoch() > 0 ? OptionalLong.of(dump.epoch()) : OptionalLong.empty();
        try (WriterLease lease = catalog.acquire(new LeaseRequest(holder, own, false).havingSeen(dump.epoch()))) {
            Filling filling = new Filling(catalog, lease);
            read(file, filling::add);
            filling.commit();
        }
        return dump;
    }

    /** Commits entries in transactions as large as they may be. */
    private static final class Filling {
        private static final int MOST_BYTES = CatalogTransaction.MAX_BYTES / 2;

        private final Catalog catalog;
        private final WriterLease lease;
        private CatalogTransaction.Builder transaction = CatalogTransaction.begin();
        private int entries;
        private long bytes;

        Filling(Catalog catalog, WriterLease lease) {
            this.catalog = catalog;
            this.lease = lease;
            transaction.put(CatalogKeys.IMPORTED, Long.toString(lease.epoch()).getBytes(StandardCharsets.US_ASCII));
            entries++;
        }

        void add(CatalogEntry entry) {
            if (entry.key().equals(CatalogKeys.EPOCH)) {
                return;
            }
            int size = entry.key().length() + entry.value().length;
            if (entries == CatalogTransaction.MAX_OPERATIONS || (entries > 0 && bytes + size > MOST_BYTES)) {
                commit();
            }
            transaction.put(entry.key(), entry.value());
            entries++;
            bytes += size;
        }

        void commit() {
            if (catalog.commit(transaction.ifHeld(lease).build()).isEmpty()) {
                throw new IllegalStateException(catalog + ": another writer has begun while it was being filled");
            }
            transaction = CatalogTransaction.begin();
            entries = 0;
            bytes = 0;
        }
    }

    private interface Receiver {
        void entry(CatalogEntry entry);
    }

    private static CatalogDump read(Path file, Receiver receiver) throws IOException {
        CheckedInputStream checked =
                new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32C());
        try (DataInputStream in = new DataInputStream(checked)) {
            if (!java.util.Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw new IOException(file + " does not begin with \"QSFSCATX\": it is no copy of a catalog");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException(file + " has format version " + version + ", expected " + VERSION);
            }
            long count = 0;
            long epoch = 0;
            for (int length = in.readUnsignedShort(); length > 0; length = in.readUnsignedShort()) {
                CatalogEntry entry = entry(file, in, length);
                if (entry.key().equals(CatalogKeys.EPOCH)) {
                    epoch = Long.parseLong(new String(entry.value(), StandardCharsets.US_ASCII));
                }
                receiver.entry(entry);
                count++;
            }
            long expected = in.readLong();
            int crc = (int) checked.getChecksum().getValue();
            if (expected != count || in.readInt() != crc || in.read() >= 0) {
                throw new IOException(file + " is damaged: its checksum or its number of entries is wrong");
            }
            return new CatalogDump(count, epoch);
        } catch (EOFException | IllegalArgumentException e) {
            throw new IOException(file + " is damaged or cut off: " + e, e);
        }
    }

    private static CatalogEntry entry(Path file, DataInputStream in, int keyLength) throws IOException {
        String key = CatalogKeys.check(new String(exactly(in, keyLength), StandardCharsets.US_ASCII));
        int length = in.readInt();
        if (length < 0 || length > LONGEST_VALUE) {
            throw new IOException(file + " is damaged: the value of " + key + " would have " + length + " bytes");
        }
        return new CatalogEntry(key, exactly(in, length), 0);
    }

    private static byte[] exactly(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("it ends in the middle of an entry");
        }
        return bytes;
    }

    private static void write(DataOutputStream out, CatalogEntry entry) throws IOException {
        out.writeShort(entry.key().length());
        out.write(entry.key().getBytes(StandardCharsets.US_ASCII));
        out.writeInt(entry.value().length);
        out.write(entry.value());
    }

    private static boolean isCopied(String key) {
        return !Set.of(CatalogKeys.HOLDER, CatalogKeys.PROBE, CatalogKeys.IMPORTED)
                .contains(key);
    }

    private static long epoch(Catalog catalog) {
        return catalog.get(CatalogKeys.EPOCH)
                .map(entry -> Long.parseLong(new String(entry.value(), StandardCharsets.US_ASCII)))
                .orElse(0L);
    }
}
