package org.qsfs.encryption;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a volume header says in the clear; {@link VolumeHeader} has the table. Decoding allocates no more than the bytes
 * that are there.
 */
record HeaderBody(
        VolumeId volume,
        long generation,
        KeyCommitment commitment,
        NavigableSet<Integer> versions,
        List<WrappedRecipient> recipients) {
    static final int MAX_RECIPIENTS = 64;
    static final int MAX_BYTES = 8
            + 1
            + VolumeId.BYTES
            + 8
            + KeyCommitment.BYTES
            + 2
            + 4 * VolumeKeys.MAX_VERSIONS
            + 1
            + MAX_RECIPIENTS * WrappedRecipient.MAX_BYTES;

    private static final byte[] MAGIC = "QSFSKEYS".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT_VERSION = 1;

    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        out.write(FORMAT_VERSION);
        out.writeBytes(volume.toBytes());
        out.writeBytes(ByteBuffer.allocate(8).putLong(generation).array());
        out.writeBytes(commitment.toBytes());
        out.writeBytes(ByteBuffer.allocate(2).putShort((short) versions.size()).array());
        for (int version : versions) {
            out.writeBytes(ByteBuffer.allocate(4).putInt(version).array());
        }
        out.write(recipients.size());
        recipients.forEach(recipient -> recipient.encode(out));
        return out.toByteArray();
    }

    static HeaderBody decode(HeaderReader in, Argon2Cost.Limits limits) throws MalformedException {
        if (!Arrays.equals(MAGIC, in.bytes("magic", MAGIC.length))) {
            throw new MalformedException("not a volume header: it does not begin with \"QSFSKEYS\"");
        }
        int format = in.unsignedByte("format version");
        if (format != FORMAT_VERSION) {
            throw new MalformedException(
                    "volume header of format version " + format + "; this program knows " + FORMAT_VERSION);
        }
        VolumeId volume = VolumeId.of(in.bytes("volume id", VolumeId.BYTES));
        long generation = in.longInteger("generation");
        if (generation < 1) {
            throw new MalformedException("volume header of generation " + generation + "; expected 1 or more");
        }
        KeyCommitment commitment = KeyCommitment.of(in.bytes("key commitment", KeyCommitment.BYTES));
        return new HeaderBody(volume, generation, commitment, versions(in), recipients(in, limits));
    }

    private static NavigableSet<Integer> versions(HeaderReader in) throws MalformedException {
        int count = HeaderReader.checkCount(
                "number of master keys", in.unsignedShort("number of master keys"), 1, VolumeKeys.MAX_VERSIONS);
        NavigableSet<Integer> versions = new TreeSet<>();
        int last = 0;
        for (int i = 0; i < count; i++) {
            int version = in.integer("master key version");
            if (version <= last) {
                throw new MalformedException("volume header with master key version " + version + " after " + last
                        + "; expected ascending numbers from 1");
            }
            versions.add(version);
            last = version;
        }
        return versions;
    }

    private static List<WrappedRecipient> recipients(HeaderReader in, Argon2Cost.Limits limits)
            throws MalformedException {
        int count = HeaderReader.checkCount(
                "number of recipients", in.unsignedByte("number of recipients"), 1, MAX_RECIPIENTS);
        List<WrappedRecipient> recipients = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            WrappedRecipient recipient = WrappedRecipient.decode(in, limits);
            if (!names.add(recipient.recipient().name())) {
                throw new MalformedException("volume header with two recipients named \""
                        + recipient.recipient().name() + "\"");
            }
            recipients.add(recipient);
        }
        return List.copyOf(recipients);
    }
}
