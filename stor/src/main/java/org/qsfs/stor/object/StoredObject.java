package org.qsfs.stor.object;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.qsfs.stor.segment.Blake2b128;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.StorException;

/**
 * A file that is stored, and where.
 *
 * <p>Format, big-endian, value of the catalog keys {@code object/<name>} and {@code object-garbage/<generation>}:
 *
 * <pre>
 * size
 *   8   magic "QSFSOBJR"
 *   2   format version, 1
 *       {@link FileFacts}
 *  16   generation: random, of this store of the file
 *   4   pieces
 *       each: 8 epoch, 4 number of a segment of the namespace object
 * </pre>
 *
 * @param generation tells this store of the file from others, 32 hexadecimal digits
 * @param pieces the segments with its content, in order; at least one, also of an empty file
 */
public record StoredObject(FileFacts file, String generation, List<SegmentId> pieces) {
    private static final byte[] MAGIC = "QSFSOBJR".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PIECE_BYTES = 12;
    static final int GENERATION_BYTES = 16;

    /**
     * What is known of the file.
     *
     * <pre>
     *   2   length of the path, then the path in UTF-8
     *   8   size in bytes
     *  16   BLAKE2b-128 of its content
     *   4   permissions, as in st_mode
     *   8   modification time: seconds since 1970, may be negative
     *   4   nanoseconds
     * </pre>
     *
     * @param path absolute and clean, see {@link ObjectName}
     * @param checksum what {@code b2sum -l 128} prints
     */
    public record FileFacts(String path, long size, String checksum, int mode, Instant modified) {
        private static final int MAX_PATH = 0xffff;
        private static final int PERMISSIONS = 07777;

        /** The object's name. */
        public ObjectName name() {
            return ObjectName.of(java.nio.file.Path.of(path));
        }

        void write(DataOutputStream out) throws IOException {
            byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > MAX_PATH) {
                throw new IllegalArgumentException("a path of " + utf8.length + " bytes, at most " + MAX_PATH);
            }
            out.writeShort(utf8.length);
            out.write(utf8);
            out.writeLong(size);
            out.write(HexFormat.of().parseHex(checksum));
            out.writeInt(mode);
            out.writeLong(modified.getEpochSecond());
            out.writeInt(modified.getNano());
        }

        static FileFacts read(FieldReader in) throws StorException {
            String path = new String(in.bytes(in.u16()), StandardCharsets.UTF_8);
            if (!path.startsWith("/")) {
                throw in.damaged("its path \"" + path + "\" is not absolute");
            }
            long size = in.i64("its size");
            String checksum = HexFormat.of().formatHex(in.bytes(Blake2b128.BYTES));
            int mode = in.i32("its mode");
            long seconds = in.bits64();
            int nanos = in.i32("its nanoseconds");
            try {
                return new FileFacts(path, size, checksum, mode & PERMISSIONS, Instant.ofEpochSecond(seconds, nanos));
            } catch (DateTimeException e) {
                throw in.damaged("its time is " + seconds + " s");
            }
        }
    }

    public StoredObject {
        pieces = List.copyOf(pieces);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(VERSION);
            file.write(out);
            out.write(HexFormat.of().parseHex(generation));
            out.writeInt(pieces.size());
            for (SegmentId piece : pieces) {
                out.writeLong(piece.epoch());
                out.writeInt(piece.number());
            }
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** @param key of the record, for messages */
    static StoredObject decode(String key, byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the record " + key, bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        FileFacts file = FileFacts.read(in);
        String generation = HexFormat.of().formatHex(in.bytes(GENERATION_BYTES));
        int count = in.count("the number of its pieces", PIECE_BYTES);
        List<SegmentId> pieces = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            pieces.add(new SegmentId(
                    in.i64("the epoch of a piece"), SegmentNamespace.OBJECT, in.i32("the number of a piece")));
        }
        in.end();
        if (count == 0) {
            throw in.damaged("it has no pieces");
        }
        return new StoredObject(file, generation, pieces);
    }
}
