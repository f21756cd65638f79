package org.qsfs.stor.segment;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What of a volume is published: the chain of meta segments up to the last one, all of whose data segments are stored. Restore and read-only mounts see exactly
 * this.
 *
 * <p>Format, big-endian; value of the catalog key {@value #CATALOG_KEY} and, sealed once more, of a reserved key on the backends:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSHEAD"
 *   8     2   format version, 1
 *  10     8   epoch of the writer that published
 *  18     8   last meta segment: epoch
 *  26     4   last meta segment: number
 *  30    32   hash of the last meta segment, as its successor will quote it
 *  62     1   1 when a checkpoint follows, else 0
 *  63     8   checkpoint start: epoch of the meta segment     only with a checkpoint
 *  71     4   checkpoint start: number of the meta segment    only with a checkpoint
 *  75     8   checkpoint start: byte offset in it             only with a checkpoint
 *  63/83  8   seconds since 1970 of the publication
 *  71/91  4   nanoseconds within the second
 * </pre>
 *
 * @param epoch term of the writer that published it
 * @param lastMeta last meta segment of the chain
 * @param lastMetaHash its hash
 * @param checkpoint where the newest complete checkpoint starts; empty before the first one
 * @param published when
 */
public record Head(
        long epoch, SegmentId lastMeta, Sha256 lastMetaHash, Optional<CheckpointStart> checkpoint, Instant published) {
    /** Key of the head in the catalog. */
    public static final String CATALOG_KEY = "head";

    private static final byte[] MAGIC = "QSFSHEAD".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int MAX_NANOS = 999_999_999;

    /**
     * A place in the chain.
     *
     * @param segment meta segment
     * @param offset byte in the data file, at least 0
     */
    public record CheckpointStart(SegmentId segment, long offset) {
        public CheckpointStart {
            requireMeta(segment);
            if (offset < 0) {
                throw new IllegalArgumentException("a checkpoint cannot start at byte " + offset);
            }
        }
    }

    public Head {
        requireMeta(lastMeta);
        if (epoch < lastMeta.epoch()) {
            throw new IllegalArgumentException(
                    "a head of epoch " + epoch + " cannot end in meta segment " + lastMeta + " of a later epoch");
        }
        if (published.getEpochSecond() < 0) {
            throw new IllegalArgumentException("a head cannot be published in " + published + ", before 1970");
        }
    }

    /** The bytes of the format above. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(VERSION);
            out.writeLong(epoch);
            writePlace(out, lastMeta);
            out.write(lastMetaHash.bytes());
            out.writeByte(checkpoint.isPresent() ? 1 : 0);
            if (checkpoint.isPresent()) {
                writePlace(out, checkpoint.get().segment());
                out.writeLong(checkpoint.get().offset());
            }
            out.writeLong(published.getEpochSecond());
            out.writeInt(published.getNano());
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** @throws StorException when these are not the bytes of a head */
    public static Head decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the head of the volume", bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        long epoch = in.i64("its epoch");
        SegmentId lastMeta = readPlace(in);
        Sha256 hash = Sha256.of(in.bytes(Sha256.BYTES));
        Optional<CheckpointStart> checkpoint = switch (in.u8()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(new CheckpointStart(readPlace(in), in.i64("the checkpoint's offset")));
            default -> throw in.damaged("its checkpoint flag is neither 0 nor 1");
        };
        long seconds = in.i64("its time");
        int nanos = in.i32("its nanoseconds");
        if (seconds > Instant.MAX.getEpochSecond() || nanos > MAX_NANOS || epoch < lastMeta.epoch()) {
            throw in.damaged("its time or its epoch is out of range");
        }
        in.end();
        return new Head(epoch, lastMeta, hash, checkpoint, Instant.ofEpochSecond(seconds, nanos));
    }

    private static void writePlace(DataOutputStream out, SegmentId segment) throws IOException {
        out.writeLong(segment.epoch());
        out.writeInt(segment.number());
    }

    private static SegmentId readPlace(FieldReader in) throws StorException {
        return SegmentId.meta(in.i64("the epoch of a meta segment"), in.i32("the number of a meta segment"));
    }

    private static void requireMeta(SegmentId segment) {
        if (segment.namespace() != SegmentNamespace.META) {
            throw new IllegalArgumentException("a head refers to meta segments, found " + segment);
        }
    }
}
