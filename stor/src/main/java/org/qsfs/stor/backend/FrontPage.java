package org.qsfs.stor.backend;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.StorException;
import org.qsfs.zdb.client.ScanEntry;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbClient;

/**
 * What a sequential namespace has in place of reserved keys: the value with the lowest id (format), big-endian. It is put into an empty namespace before anything else, stays there, and is
 * changed in place.
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSPAGE"
 *   8     2   format version, 1
 *  10     8   incarnation of the namespace: random, so that ids of one that was emptied are known to mean nothing
 *  18     4   number of values, then each:
 *         1+b key, UTF-8 after its length, ascending
 *         4+v value after its length
 *         4   CRC-32C of everything before
 * </pre>
 *
 * @param incarnation not 0
 * @param values by reserved key
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FrontPage(long incarnation, SortedMap<String, byte[]> values) {
    private static final byte[] MAGIC = "QSFSPAGE".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int VALUE_MIN_BYTES = 1 + Integer.BYTES;

    /** A front page and its id. */
    record Found(long id, FrontPage page) {}

    FrontPage {
        values = new TreeMap<>(values);
    }

    /**
     * Looks for the front page of a namespace.
     *
     * @return empty when the namespace is empty
     * @throws StorException.WrongBackend when it holds something else
     */
    static Optional<Found> find(ZdbClient client) throws StorException {
        Optional<ScanEntry> first = client.first();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong id = SequentialKey.id(first.get().key());
        Optional<byte[]> value = client.get(first.get().key());
        if (id.isEmpty() || value.isEmpty() || !startsLikeOne(value.get())) {
            throw new StorException.WrongBackend("the sequential namespace " + client.endpoint()
                    + " holds values, and its first one is not qsfs's; give the backend an empty namespace");
        }
        return Optional.of(new Found(id.getAsLong(), decode(value.get())));
    }

    /** Whether these bytes claim to be a front page. */
    static boolean startsLikeOne(byte[] value) {
        return value.length >= MAGIC.length
                && ByteBuffer.wrap(value, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    /** The value of a reserved key. */
    Optional<byte[]> value(byte[] key) {
        return Optional.ofNullable(values.get(text(key))).map(byte[]::clone);
    }

    /** The same page with another value. */
    FrontPage with(byte[] key, byte[] value) {
        SortedMap<String, byte[]> next = new TreeMap<>(values);
        next.put(text(key), value.clone());
        return new FrontPage(incarnation, next);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(VERSION);
            out.writeLong(incarnation);
            out.writeInt(values.size());
            for (Map.Entry<String, byte[]> value : values.entrySet()) {
                byte[] key = value.getKey().getBytes(StandardCharsets.UTF_8);
                out.writeByte(key.length);
                out.write(key);
                out.writeInt(value.getValue().length);
                out.write(value.getValue());
            }
            out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** @throws StorException when these are not the bytes of a front page */
    static FrontPage decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the first value of a sequential namespace", bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        long incarnation = in.bits64();
        int count = in.count("its number of values", VALUE_MIN_BYTES);
        SortedMap<String, byte[]> values = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.text("a key");
            int length = in.count("the length of a value", 1);
            values.put(key, in.bytes(length));
        }
        int length = bytes.length - in.remaining();
        int crc = ByteBuffer.wrap(in.bytes(Integer.BYTES)).getInt();
        in.end();
        if (crc != crc(bytes, length) || incarnation == 0) {
            throw in.damaged("its checksum or its incarnation is wrong");
        }
        return new FrontPage(incarnation, values);
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
