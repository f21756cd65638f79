package org.qsfs.stor.object;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HexFormat;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Blake2b128;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;

/** Content of files on its way to segments, a piece at a time through the staging directory, and back. */
final class ObjectTransfer {
    private static final int BUFFER = 1 << 20;
    private static final int PERMISSIONS = 07777;
    private static final String STAGED = "qsfs-";

    private final SegmentStore segments;
    private final Path staging;
    private final long pieceBytes;

    ObjectTransfer(SegmentStore segments, Path staging, long pieceBytes) {
        this.segments = segments;
        this.staging = staging;
        this.pieceBytes = pieceBytes;
    }

    /** What is known of a file; reads all of it. */
    static StoredObject.FileFacts facts(Path file, Path as) throws IOException {
        if (!Files.isRegularFile(file) && Files.exists(file)) {
            throw new StorException.ObjectRefused(file + " is not a regular file; only those can be stored");
        }
        Blake2b128 checksum = new Blake2b128();
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                checksum.update(buffer, 0, count);
                size += count;
            }
        }
        return new StoredObject.FileFacts(
                ObjectName.clean(as),
                size,
                hex(checksum),
                mode(file),
                Files.getLastModifiedTime(file).toInstant());
    }

    private static int mode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:mode") instanceof Integer mode ? mode & PERMISSIONS : 0600;
    }

    /** How many pieces a file is cut into; also an empty one has a piece. */
    int pieces(StoredObject.FileFacts facts) {
        return (int) Math.max(1, Math.ceilDiv(facts.size(), pieceBytes));
    }

    /**
     * Stores the content of a file. The last piece is stored only after all of it was found to be what the facts say: an object of which every piece is there is whole.
     *
     * @param next what to store, and as which segments
     * @throws StorException.ObjectRefused when the file is not what the facts say
     */
    void upload(Path file, StoredObject next) throws IOException {
        StoredObject.FileFacts facts = next.file();
        int count = next.pieces().size();
        Blake2b128 checksum = new Blake2b128();
        Path piece = stagingFile("piece");
        try (InputStream in = Files.newInputStream(file)) {
            for (int number = 0; number < count; number++) {
                long offset = number * pieceBytes;
                ObjectPiece header = new ObjectPiece(facts, next.generation(), offset, number, count);
                long length = Math.min(pieceBytes, facts.size() - offset);
                boolean expected = stage(in, header, length, piece, checksum) == length;
                if (number == count - 1) {
                    expected = expected && in.read() < 0 && hex(checksum).equals(facts.checksum());
                }
                if (!expected) {
                    throw new StorException.ObjectRefused(file
                            + " changed while it was stored, so it was not; store it again when nobody writes to it");
                }
                segments.store(next.pieces().get(number), piece);
            }
        } finally {
            Files.deleteIfExists(piece);
        }
    }

    private static long stage(InputStream in, ObjectPiece header, long length, Path piece, Blake2b128 checksum)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        long copied = 0;
        try (OutputStream out = Files.newOutputStream(piece)) {
            out.write(header.encode());
            while (copied < length) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, length - copied));
                if (count < 0) {
                    break;
                }
                out.write(buffer, 0, count);
                checksum.update(buffer, 0, count);
                copied += count;
            }
        }
        return copied;
    }

    private static String hex(Blake2b128 checksum) {
        return HexFormat.of().formatHex(checksum.digest());
    }

    /** Brings content, permissions and modification time back, see {@link ObjectStore#retrieve}. */
    void retrieve(StoredObject object, Path target) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Path partial = target.resolveSibling(target.getFileName() + ".retrieving");
        Path piece = target.resolveSibling(partial.getFileName() + ".piece");
        try {
            Blake2b128 checksum = new Blake2b128();
            try (FileChannel out = FileChannel.open(
                    partial,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                for (SegmentId id : object.pieces()) {
                    segments.fetch(id, piece);
                    append(piece, id, object, checksum, out);
                }
                out.force(true);
            }
            String found = hex(checksum);
            if (!found.equals(object.file().checksum())) {
                throw new StorException.Damaged(
                        "object " + object.file().path() + " was read whole, but its checksum is " + found
                                + ", its record says " + object.file().checksum());
            }
            Files.setAttribute(partial, "unix:mode", object.file().mode());
            Files.setLastModifiedTime(partial, FileTime.from(object.file().modified()));
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(piece);
            Files.deleteIfExists(partial);
        }
    }

    private static void append(Path piece, SegmentId id, StoredObject object, Blake2b128 checksum, FileChannel out)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(piece)) {
            byte[] prefix = in.readNBytes(ObjectPiece.PREFIX_BYTES);
            int length = ObjectPiece.headerLength(id.toString(), prefix);
            byte[] header = Arrays.copyOf(prefix, length);
            in.readNBytes(header, prefix.length, length - prefix.length);
            if (!ObjectPiece.decode(id.toString(), header).generation().equals(object.generation())) {
                throw new StorException.Damaged("segment " + id + " is a piece of another store than "
                        + object.file().path());
            }
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                checksum.update(buffer, 0, count);
                for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count); bytes.hasRemaining(); ) {
                    out.write(bytes);
                }
            }
        }
    }

    /** What a segment says of itself. */
    ObjectPiece header(SegmentId id) throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(ObjectPiece.PREFIX_BYTES);
        segments.read(id, 0, prefix);
        ByteBuffer header = ByteBuffer.allocate(ObjectPiece.headerLength(id.toString(), prefix.array()));
        segments.read(id, 0, header);
        return ObjectPiece.decode(id.toString(), header.array());
    }

    /** Deletes what interrupted changes left. */
    void clearStaging() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(staging, STAGED + "*")) {
            for (Path file : left) {
                Files.delete(file);
            }
        } catch (NoSuchFileException neverUsed) {
            // nothing to clear
        }
    }

    /** A new file, which the caller deletes. */
    Path stagingFile(String use) throws IOException {
        Files.createDirectories(staging);
        return Files.createTempFile(staging, STAGED + use, ".tmp");
    }
}
