package org.qsfs.stor.backend;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.StorException;

/**
 * What a backend keeps about itself under the reserved key {@value #KEY} (format), big-endian. It guards against mixed-up addresses, not against an attacker.
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSBKND"
 *   8     2   format version, 1
 *  10    16   volume id
 *  26     1+b backend id, UTF-8 after its length
 *         4   CRC-32C of everything before
 * </pre>
 *
 * @param volume the one volume that may use the namespace
 * @param backend which of the volume's backends it is
 */
public record BackendMarker(VolumeId volume, BackendId backend) {
    /** Key of the marker. */
    public static final String KEY = "qsfs-backend";

    private static final byte[] MAGIC = "QSFSBKND".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    /** The key as bytes. */
    public static byte[] key() {
        return KEY.getBytes(StandardCharsets.US_ASCII);
    }

    /** The bytes of the format above. */
    public byte[] encode() {
        byte[] id = backend.value().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(MAGIC.length + 2 + VolumeId.BYTES + 1 + id.length + Integer.BYTES)
                .put(MAGIC)
                .putShort((short) VERSION)
                .put(volume.toBytes())
                .put((byte) id.length)
                .put(id);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /** @throws StorException when these are not the bytes of a marker */
    public static BackendMarker decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the marker of a backend", bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        VolumeId volume = VolumeId.of(in.bytes(VolumeId.BYTES));
        String id = in.text("its backend id");
        int length = bytes.length - in.remaining();
        int crc = ByteBuffer.wrap(in.bytes(Integer.BYTES)).getInt();
        in.end();
        if (crc != crc(bytes, length) || !BackendId.isLegal(id)) {
            throw in.damaged("its checksum or its backend id is wrong");
        }
        return new BackendMarker(volume, new BackendId(id));
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
