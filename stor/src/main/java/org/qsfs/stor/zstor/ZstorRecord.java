package org.qsfs.stor.zstor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.Blake2b128;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * Where an object is and how it was made.
 *
 * <pre>
 *   bincode 1.3 with default options: little endian, fixed width, lengths as u64, enum tags as u32
 *   data shards       u64
 *   parity shards     u64
 *   checksum          16 bytes       BLAKE2b-128 of the plain file
 *   encryption        u32 = 0        AES-256-GCM, then string: 64 hex digits of the key
 *   compression       u32 = 0        Snappy, framed
 *   shards            u64 count, each:
 *     index           u64
 *     checksum        16 bytes       BLAKE2b-128 of the shard
 *     keys            u64 count, each u32 tag: 0 then u32, 1 then u64; in the order of the pieces
 *     address         u32 tag: 0 then 4 bytes, 1 then 16 bytes; then port u16
 *     namespace       option of string
 *     password        option of string
 *   what follows is ignored
 *   string = u64 length, UTF-8; option = u8 0, or 1 and the value
 * </pre>
 *
 * @param checksum of the plain file
 * @param key of the object, 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // decoded once, never compared
public record ZstorRecord(int dataShards, int parityShards, byte[] checksum, byte[] key, List<Shard> shards) {
    private static final int MAX_SHARDS = 256;
    private static final int KEY_HEX_DIGITS = 64;
    private static final int LONGEST_STRING = 4096;

    /**
     * @param checksum BLAKE2b-128 of the shard
     * @param keys of its pieces of at most 2 MiB, in order
     */
    @SuppressWarnings("ArrayRecordComponent") // decoded once, never compared
    public record Shard(int index, byte[] checksum, List<byte[]> keys, ZdbEndpoint backend) {
        public Shard {
            keys = List.copyOf(keys);
        }
    }

    public ZstorRecord {
        shards = List.copyOf(shards);
    }

    /** The checksum of the plain file as {@code b2sum -l 128} prints it. */
    public String checksumText() {
        return HexFormat.of().formatHex(checksum);
    }

    /** The key never appears. */
    @Override
    public String toString() {
        return "object " + checksumText() + " in " + dataShards + "+" + parityShards + " shards";
    }

    /** @param name of the object, for messages */
    static ZstorRecord decode(String name, byte[] bytes) throws ZstorException {
        return new Decoder(name, bytes).record();
    }

    private static final class Decoder {
        private final String name;
        private final ByteBuffer in;

        Decoder(String name, byte[] bytes) {
            this.name = name;
            this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        ZstorRecord record() throws ZstorException {
            try {
                int data = count("data shards", 1, MAX_SHARDS - 1);
                int parity = count("parity shards", 1, MAX_SHARDS - data);
                byte[] checksum = take(Blake2b128.BYTES);
                tag("encryption", 0);
                byte[] key = key();
                tag("compression", 0);
                int shardCount = count("shards", data, MAX_SHARDS);
                List<Shard> shards = new ArrayList<>(shardCount);
                for (int i = 0; i < shardCount; i++) {
                    shards.add(shard(data + parity));
                }
                return new ZstorRecord(data, parity, checksum, key, shards);
            } catch (BufferUnderflowException e) {
                throw new ZstorException(
                        "metadata of object " + name + " ends early: it has " + in.capacity() + " bytes", e);
            }
        }

        private Shard shard(int total) throws ZstorException {
            int index = count("shard index", 0, total - 1);
            byte[] checksum = take(Blake2b128.BYTES);
            int keyCount = count("keys of shard " + index, 1, in.remaining() / (2 * Integer.BYTES));
            List<byte[]> keys = new ArrayList<>(keyCount);
            for (int i = 0; i < keyCount; i++) {
                keys.add(take(tag("key of shard " + index, 1) == 0 ? Integer.BYTES : Long.BYTES));
            }
            byte[] address = take(tag("address of shard " + index, 1) == 0 ? 4 : 16);
            int port = Short.toUnsignedInt(in.getShort());
            String namespace = option();
            String password = option();
            try {
                ZdbAddress where =
                        new ZdbAddress(InetAddress.getByAddress(address).getHostAddress(), port);
                return new Shard(
                        index,
                        checksum,
                        keys,
                        new ZdbEndpoint(where, namespace == null ? "default" : namespace, password, null));
            } catch (UnknownHostException | IllegalArgumentException e) {
                throw malformed(
                        "address of shard " + index,
                        HexFormat.of().formatHex(address) + ":" + port,
                        "an IP address and port");
            }
        }

        private byte[] key() throws ZstorException {
            String hex = string("key");
            if (hex.length() != KEY_HEX_DIGITS || !hex.chars().allMatch(HexFormat::isHexDigit)) {
                throw malformed("key", hex.length() + " characters", KEY_HEX_DIGITS + " hexadecimal digits");
            }
            return HexFormat.of().parseHex(hex);
        }

        private @Nullable String option() throws ZstorException {
            byte present = in.get();
            if (present != 0 && present != 1) {
                throw malformed("option", Byte.toString(present), "0 or 1");
            }
            return present == 0 ? null : string("namespace or password");
        }

        private String string(String what) throws ZstorException {
            return new String(take(count("length of the " + what, 0, LONGEST_STRING)), StandardCharsets.UTF_8);
        }

        private byte[] take(int length) {
            if (in.remaining() < length) {
                throw new BufferUnderflowException();
            }
            byte[] bytes = new byte[length];
            in.get(bytes);
            return bytes;
        }

        private int tag(String what, int highest) throws ZstorException {
            int tag = in.getInt();
            if (tag < 0 || tag > highest) {
                throw malformed(what, "tag " + Integer.toUnsignedString(tag), "0 to " + highest);
            }
            return tag;
        }

        private int count(String what, int least, int most) throws ZstorException {
            long found = in.getLong();
            if (found < least || found > most) {
                throw malformed(what, Long.toUnsignedString(found), least + " to " + most);
            }
            return (int) found;
        }

        private ZstorException malformed(String what, String found, String expected) {
            return new ZstorException("metadata of object %s at byte %d: %s is %s, expected %s"
                    .formatted(name, in.position(), what, found, expected));
        }
    }
}
