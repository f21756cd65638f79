package org.qsfs.stor.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorOutputStream;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.zdb.client.ZdbClient;

/** Writes objects as zstor does, from the description of its formats: what {@link org.qsfs.stor.zstor.ZstorArchive} has to read. */
public final class ZstorWriter {
    private static final int PIECE = 2 << 20;
    private static final int FRAME = 1 << 16;

    private final byte[] dataKey;
    private final byte[] metadataKey;
    private final String prefix;
    private final List<ZdbClient> data;
    private final List<ZdbClient> metadata;
    private final Random random = new Random(7);

    public ZstorWriter(
            byte[] dataKey, byte[] metadataKey, String prefix, List<ZdbClient> data, List<ZdbClient> metadata) {
        this.dataKey = dataKey;
        this.metadataKey = metadataKey;
        this.prefix = prefix;
        this.data = data;
        this.metadata = metadata;
    }

    public void store(String hash, byte[] content, int k, int m) throws IOException, GeneralSecurityException {
        byte[][] shards = shards(pad(encrypt(dataKey, snappy(content)), k), k, m);
        ByteBuffer record = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(k).putLong(m).put(blake2b(content)).putInt(0);
        string(record, HexFormat.of().formatHex(dataKey));
        record.putInt(0).putLong(shards.length);
        for (int i = 0; i < shards.length; i++) {
            ZdbClient backend = data.get(i);
            List<byte[]> keys = new ArrayList<>();
            for (int at = 0; at < shards[i].length; at += PIECE) {
                keys.add(backend.set(
                        new byte[0], Arrays.copyOfRange(shards[i], at, Math.min(at + PIECE, shards[i].length))));
            }
            record.putLong(i).put(blake2b(shards[i])).putLong(keys.size());
            for (byte[] key : keys) {
                record.putInt(key.length == Integer.BYTES ? 0 : 1).put(key);
            }
            record.putInt(0).put(new byte[] {127, 0, 0, 1});
            record.putShort((short) backend.endpoint().address().port());
            record.put((byte) 1);
            string(record, backend.endpoint().namespace());
            record.put((byte) 0);
        }
        putMetadata(hash, Arrays.copyOf(record.array(), record.position()));
    }

    private void putMetadata(String hash, byte[] record) throws GeneralSecurityException {
        byte[][] shards = shards(pad(encrypt(metadataKey, record), 2), 2, 2);
        for (int i = 0; i < shards.length; i++) {
            ByteBuffer value = ByteBuffer.allocate(1 + shards[i].length + 16);
            value.put((byte) i).put(shards[i]).put(blake2b(shards[i]));
            metadata.get(i).set(("/" + prefix + "/meta/" + hash).getBytes(StandardCharsets.UTF_8), value.array());
        }
    }

    /** Blocks alternate between compressed ones, by a library, and plain ones, by hand. */
    private byte[] snappy(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (content.length == 0) {
            return out.toByteArray();
        }
        out.write(new byte[] {(byte) 0xff, 6, 0, 0});
        out.write("sNaPpY".getBytes(StandardCharsets.US_ASCII));
        for (int at = 0; at < content.length; at += FRAME) {
            byte[] block = Arrays.copyOfRange(content, at, Math.min(at + FRAME, content.length));
            if ((at / FRAME) % 2 == 0) {
                ByteArrayOutputStream framed = new ByteArrayOutputStream();
                try (FramedSnappyCompressorOutputStream snappy = new FramedSnappyCompressorOutputStream(framed)) {
                    snappy.write(block);
                }
                out.write(framed.toByteArray(), 10, framed.size() - 10);
            } else {
                CRC32C crc = new CRC32C();
                crc.update(block);
                int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
                int length = block.length + 4;
                out.write(new byte[] {1, (byte) length, (byte) (length >> 8), (byte) (length >> 16)});
                out.write(ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(masked)
                        .array());
                out.write(block);
            }
        }
        return out.toByteArray();
    }

    private byte[] encrypt(byte[] key, byte[] plain) throws GeneralSecurityException {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        byte[] sealed = cipher.doFinal(plain);
        return ByteBuffer.allocate(12 + sealed.length).put(nonce).put(sealed).array();
    }

    private static byte[] blake2b(byte[] bytes) {
        Blake2bDigest digest = new Blake2bDigest(null, 16, null, null);
        digest.update(bytes, 0, bytes.length);
        byte[] result = new byte[16];
        digest.doFinal(result, 0);
        return result;
    }

    private static byte[] pad(byte[] bytes, int k) {
        int padding = k - bytes.length % k;
        byte[] padded = Arrays.copyOf(bytes, bytes.length + padding);
        Arrays.fill(padded, bytes.length, padded.length, (byte) padding);
        return padded;
    }

    private static byte[][] shards(byte[] padded, int k, int m) {
        int length = padded.length / k;
        byte[][] shards = new byte[k + m][length];
        for (int i = 0; i < k; i++) {
            System.arraycopy(padded, i * length, shards[i], 0, length);
        }
        ReedSolomon.of(k, m).encode(shards, 0, length);
        return shards;
    }

    private static void string(ByteBuffer record, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        record.putLong(bytes.length).put(bytes);
    }
}
