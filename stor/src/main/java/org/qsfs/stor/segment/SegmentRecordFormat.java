package org.qsfs.stor.segment;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.encryption.AttemptId;

/**
 * The bytes of a {@link SegmentRecord} in the catalog (format), big-endian:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSSEGM"
 *   8     2   format version: 2 when a key is an id, else 1
 *  10     1   namespace: 0 data, 1 meta
 *  11     1   state: 1 uploading, 2 degraded, 3 stored, 4 deleting, 5 lost
 *  12     8   epoch
 *  20     4   number
 *  24    16   attempt id
 *  40     4   key version
 *  44     2   k
 *  46     2   n
 *  48     2   redundant groups
 *  50     2   redundant nodes
 *  52     4   stripe size
 *  56     8   segment length
 *  64    32   SHA-256 of the segment, all zero when not known
 *  96     8   last write, milliseconds since 1970
 * 104         n times, in the order of shard indexes:
 *         1     state: 0 adding, 1 present, 2 missing
 *         1+b   backend id, UTF-8 after its length
 *         keys
 *         4   number of obsolete shards, then each:
 *        16     attempt id
 *         2     shard index
 *         4     number of stripes
 *         1+b   backend id
 *         keys
 *
 * keys    1   0: by shard name; 1, in version 2: by the ids that a sequential namespace gave, and then
 *         8     incarnation of the namespace
 *         4     number of stripes that follow, up to the last one whose id is known
 *       1–10    each: 0 when its id is not known, else 1 + zigzag(id − expected), where expected is the known id before plus 1, at first 0.
 *               7 bits a byte, lowest first, the top bit says that another byte follows
 * </pre>
 *
 * <p>Ids that a server gave one after another take a byte each.
 *
 * <p>Nothing may follow. The identity is repeated in the record, so that a record under the wrong key is noticed.
 */
public final class SegmentRecordFormat {
    private static final byte[] MAGIC = "QSFSSEGM".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int VERSION_WITH_IDS = 2;
    private static final int BY_NAME = 0;
    private static final int BY_ID = 1;
    private static final int ATTEMPT_BYTES = 16;
    private static final int OBSOLETE_MIN_BYTES = ATTEMPT_BYTES + 2 + 4 + 1 + 1 + 1;
    private static final byte[] NO_DIGEST = new byte[Sha256.BYTES];

    private SegmentRecordFormat() {}

    /** The bytes of a record. */
    public static byte[] encode(SegmentRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(hasIds(record) ? VERSION_WITH_IDS : VERSION);
            out.writeByte(record.id().namespace().code());
            out.writeByte(record.state().code());
            out.writeLong(record.id().epoch());
            out.writeInt(record.id().number());
            out.write(record.attempt().toBytes());
            out.writeInt(record.keyVersion());
            out.writeShort(record.policy().minimalShards());
            out.writeShort(record.policy().expectedShards());
            out.writeShort(record.policy().redundantGroups());
            out.writeShort(record.policy().redundantNodes());
            out.writeInt(record.layout().stripeSize());
            out.writeLong(record.layout().segmentLength());
            out.write(record.sha256().map(Sha256::bytes).orElse(NO_DIGEST));
            out.writeLong(record.lastWrite().toEpochMilli());
            for (ShardPlace place : record.shards()) {
                out.writeByte(place.state().code());
                writeBackend(out, place.backend());
                writeKeys(out, place.keys());
            }
            out.writeInt(record.obsolete().size());
            for (ObsoleteShard shard : record.obsolete()) {
                out.write(shard.attempt().toBytes());
                out.writeShort(shard.shard());
                out.writeInt(shard.stripes());
                writeBackend(out, shard.backend());
                writeKeys(out, shard.keys());
            }
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /**
     * The record of these bytes.
     *
     * @param expected the segment whose catalog key the bytes were found under
     * @throws StorException when they are not a record, or that of another segment
     */
    public static SegmentRecord decode(SegmentId expected, byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the record of segment " + expected, bytes);
        in.expect("its magic", MAGIC);
        int version = in.version(VERSION_WITH_IDS);
        Optional<SegmentNamespace> namespace = SegmentNamespace.ofCode(in.u8());
        StoredState state = StoredState.ofCode(in.u8())
                .filter(found -> found != StoredState.NO)
                .orElseThrow(() -> in.damaged("its state is unknown"));
        long epoch = in.i64("its epoch");
        int number = in.i32("its number");
        if (namespace.isEmpty() || !new SegmentId(epoch, namespace.get(), number).equals(expected)) {
            throw in.damaged("it is the record of another segment, number " + number + " of epoch " + epoch);
        }
        AttemptId attempt = AttemptId.of(in.bytes(ATTEMPT_BYTES));
        int keyVersion = in.i32("its key version");
        RedundancyPolicy policy = RedundancyPolicy.read(in);
        int stripeSize = in.i32("its stripe size");
        StripeLayout layout = StripeLayout.checked(in, in.i64("its segment length"), stripeSize);
        Sha256 digest = Sha256.of(in.bytes(Sha256.BYTES));
        Instant lastWrite = Instant.ofEpochMilli(in.i64("its last write"));
        List<ShardPlace> shards = new ArrayList<>(policy.expectedShards());
        for (int shard = 0; shard < policy.expectedShards(); shard++) {
            ShardState shardState =
                    ShardState.ofCode(in.u8()).orElseThrow(() -> in.damaged("the state of a shard is unknown"));
            shards.add(new ShardPlace(readBackend(in), shardState, readKeys(in, version)));
        }
        List<ObsoleteShard> obsolete = readObsolete(in, version);
        in.end();
        SegmentRecord record = new SegmentRecord(
                expected,
                state,
                attempt,
                keyVersion,
                policy,
                layout,
                Optional.of(digest).filter(found -> !found.equals(Sha256.of(NO_DIGEST))),
                lastWrite,
                shards,
                obsolete);
        if (hasIds(record) != (version == VERSION_WITH_IDS)) {
            throw in.damaged("it is of version " + version + ", which its keys are not");
        }
        return record;
    }

    private static List<ObsoleteShard> readObsolete(FieldReader in, int version) throws StorException {
        int count = in.count("the number of obsolete shards", OBSOLETE_MIN_BYTES);
        List<ObsoleteShard> obsolete = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            AttemptId attempt = AttemptId.of(in.bytes(ATTEMPT_BYTES));
            int shard = in.u16();
            int stripes = in.i32("the number of stripes of an obsolete shard");
            obsolete.add(new ObsoleteShard(attempt, shard, stripes, readBackend(in), readKeys(in, version)));
        }
        return obsolete;
    }

    private static BackendId readBackend(FieldReader in) throws StorException {
        String text = in.text("a backend id");
        if (!BackendId.isLegal(text)) {
            throw in.damaged("a backend id is \"" + text + "\"");
        }
        return new BackendId(text);
    }

    private static ShardKeys readKeys(FieldReader in, int version) throws StorException {
        int kind = in.u8();
        if (kind == BY_NAME) {
            return ShardKeys.NAMED;
        }
        if (kind != BY_ID || version < VERSION_WITH_IDS) {
            throw in.damaged("the keys of a shard are of kind " + kind);
        }
        long incarnation = in.bits64();
        int count = in.count("the number of ids of a shard", 1);
        List<Long> ids = new ArrayList<>(count);
        long expected = 0;
        for (int i = 0; i < count; i++) {
            long coded = in.varint("an id of a shard");
            if (coded == 0) {
                ids.add(ShardKeys.Sequential.UNKNOWN);
            } else {
                long id = expected + unzigzag(coded - 1);
                if (id < 0 || id > ShardKeys.Sequential.MAX_ID) {
                    throw in.damaged("an id of a shard is " + id);
                }
                ids.add(id);
                expected = id + 1;
            }
        }
        if (count > 0 && ids.getLast() == ShardKeys.Sequential.UNKNOWN) {
            throw in.damaged("the ids of a shard make no sense");
        }
        return new ShardKeys.Sequential(incarnation, ids);
    }

    private static void writeBackend(DataOutputStream out, BackendId backend) throws IOException {
        byte[] text = backend.value().getBytes(StandardCharsets.UTF_8);
        out.writeByte(text.length);
        out.write(text);
    }

    private static void writeKeys(DataOutputStream out, ShardKeys keys) throws IOException {
        switch (keys) {
            case ShardKeys.Named() -> out.writeByte(BY_NAME);
            case ShardKeys.Sequential(long incarnation, List<Long> ids) -> {
                out.writeByte(BY_ID);
                out.writeLong(incarnation);
                out.writeInt(ids.size());
                long expected = 0;
                for (long id : ids) {
                    boolean known = id != ShardKeys.Sequential.UNKNOWN;
                    writeVarint(out, known ? 1 + zigzag(id - expected) : 0);
                    expected = known ? id + 1 : expected;
                }
            }
        }
    }

    private static void writeVarint(DataOutputStream out, long value) throws IOException {
        long rest = value;
        while (rest >>> 7 != 0) {
            out.writeByte((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static long unzigzag(long coded) {
        return (coded >>> 1) ^ -(coded & 1);
    }

    private static boolean hasIds(SegmentRecord record) {
        return record.shards().stream().anyMatch(place -> place.keys() instanceof ShardKeys.Sequential)
                || record.obsolete().stream().anyMatch(shard -> shard.keys() instanceof ShardKeys.Sequential);
    }
}
