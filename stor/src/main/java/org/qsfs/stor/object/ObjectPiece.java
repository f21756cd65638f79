package org.qsfs.stor.object;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.StorException;

/**
 * How a segment of the namespace {@code object} begins (format), big-endian; bytes of the file follow.
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSOBJP"
 *   8     2   format version, 1
 *  10     4   H, length of this header
 *  14         {@link StoredObject.FileFacts}
 *        16   generation, the same in all pieces of one store
 *         8   offset in the file of the first byte
 *         4   number of the piece, from 0
 *         4   number of pieces
 *  H-4    4   CRC-32C of all before
 * </pre>
 */
record ObjectPiece(StoredObject.FileFacts file, String generation, long offset, int number, int count) {
    private static final byte[] MAGIC = "QSFSOBJP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int LENGTH_OFFSET = 10;
    private static final int CRC_BYTES = 4;

    /** Enough to read {@link #headerLength}. */
    static final int PREFIX_BYTES = LENGTH_OFFSET + Integer.BYTES;

    private static final int MAX_HEADER = 1 << 17;

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(VERSION);
            out.writeInt(0);
            file.write(out);
            out.write(HexFormat.of().parseHex(generation));
            out.writeLong(offset);
            out.writeInt(number);
            out.writeInt(count);
            out.writeInt(0);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        ByteBuffer header = ByteBuffer.wrap(bytes.toByteArray());
        header.putInt(LENGTH_OFFSET, header.capacity());
        int end = header.capacity() - CRC_BYTES;
        header.putInt(end, crc(header.array(), end));
        return header.array();
    }

    /**
     * @param prefix the first {@link #PREFIX_BYTES} of a segment
     * @throws StorException when this is no piece
     */
    static int headerLength(String segment, byte[] prefix) throws StorException {
        FieldReader in = reader(segment, prefix);
        int length = in.i32("the length of its header");
        if (length < PREFIX_BYTES || length > MAX_HEADER) {
            throw in.damaged("the length of its header is " + length);
        }
        return length;
    }

    /** @param header all of it */
    static ObjectPiece decode(String segment, byte[] header) throws StorException {
        FieldReader in = reader(segment, header);
        if (in.i32("the length of its header") != header.length) {
            throw in.damaged("the length of its header is not " + header.length);
        }
        int end = header.length - CRC_BYTES;
        if (ByteBuffer.wrap(header).getInt(end) != crc(header, end)) {
            throw in.damaged("the checksum of its header is wrong");
        }
        StoredObject.FileFacts file = StoredObject.FileFacts.read(in);
        ObjectPiece piece = new ObjectPiece(
                file,
                HexFormat.of().formatHex(in.bytes(StoredObject.GENERATION_BYTES)),
                in.i64("its offset"),
                in.i32("its number"),
                in.i32("the number of pieces"));
        in.bytes(CRC_BYTES);
        in.end();
        return piece;
    }

    /** Whether both are of one store of one file. */
    boolean belongsWith(ObjectPiece other) {
        return generation.equals(other.generation) && file.equals(other.file) && count == other.count;
    }

    private static FieldReader reader(String segment, byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("segment " + segment, bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        return in;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(Arrays.copyOf(bytes, length));
        return (int) crc.getValue();
    }
}
