package org.qsfs.encryption;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys of a volume, locked for its recipients. It is kept in the catalog and on every backend, where everyone may
 * read it.
 *
 * <pre>
 * volume header (format), integers big endian
 * bytes  field
 * 8      magic "QSFSKEYS"
 * 1      format version, 1
 * 16     volume id
 * 8      generation, from 1; every change adds 1
 * 32     key commitment: HKDF-SHA-256 of the root key, label "qsfs header commitment"
 * 2      number of master key versions, 1–1,024
 *        for each, ascending:
 * 4        version, from 1; the highest is the current one
 * 1      number of recipients, 1–64
 * …      recipients, see WrappedRecipient: each has the header key, wrapped
 * …      sealed keys: root key (32), master keys (32 each, ascending), tag (16);
 *        AES-256-GCM under the header key, nonce zero, associated data: everything before
 * 32     MAC: HMAC-SHA-256 of everything before, under HKDF-SHA-256 of the root key, label "qsfs header mac"
 * 32     SHA-256 of everything before
 * </pre>
 *
 * <p>Every generation has a new random header key, so a removed recipient cannot read later generations. That is not
 * revocation: who once unlocked a volume may have kept its keys. Rotate after removing, and old data stays readable to
 * who kept the old keys.
 *
 * <p>The SHA-256 finds accidents without a secret, the MAC finds forgery with one, the {@link KeyCommitment} that a
 * configuration pins finds a whole header of somebody else's. An older generation is authentic too; whoever reads
 * several copies takes the highest.
 *
 * <p>Immutable. A changed header must be stored before keys that only it has are used.
 */
public final class VolumeHeader {
    /** Longest encoded header, in bytes. */
    public static final int MAX_BYTES =
            HeaderBody.MAX_BYTES + HeaderSeal.sealedBytes(VolumeKeys.MAX_VERSIONS) + HeaderSeal.TRAILER_BYTES;

    private final HeaderBody body;
    private final byte[] encoded;

    /** Takes over {@code encoded}. */
    VolumeHeader(HeaderBody body, byte[] encoded) {
        this.body = body;
        this.encoded = encoded;
    }

    /**
     * The first header of a volume.
     *
     * @param keys the volume's keys, see {@link VolumeKeys#generate}
     * @param recipients 1 to 64, with different names
     * @throws IllegalArgumentException if there are too few or too many recipients, or two have the same name
     */
    public static VolumeHeader create(VolumeKeys keys, List<Recipient> recipients) {
        return seal(keys, 1, recipients);
    }

    /**
     * Reads a header. Everything is checked that can be without a secret.
     *
     * @throws MalformedException if the bytes are no header, are damaged, have an unknown format version, or ask for
     *     unreasonable work
     */
    public static VolumeHeader decode(byte[] bytes) throws MalformedException {
        return decode(bytes, Argon2Cost.Limits.STANDARD);
    }

    static VolumeHeader decode(byte[] bytes, Argon2Cost.Limits limits) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("volume header of " + bytes.length + " bytes; expected at most " + MAX_BYTES);
        }
        HeaderReader in = new HeaderReader(bytes);
        HeaderBody body = HeaderBody.decode(in, limits);
        int sealedBytes = HeaderSeal.sealedBytes(body.versions().size());
        if (in.remaining() != sealedBytes + HeaderSeal.TRAILER_BYTES) {
            throw new MalformedException("volume header with " + in.remaining()
                    + " bytes behind its recipients; expected " + (sealedBytes + HeaderSeal.TRAILER_BYTES));
        }
        int digestAt = bytes.length - Sha256.BYTES;
        byte[] digest = Sha256.of(bytes, digestAt);
        if (!Arrays.equals(digest, 0, digest.length, bytes, digestAt, bytes.length)) {
            throw new MalformedException("volume header is damaged: its SHA-256 does not match; read another copy");
        }
        return new VolumeHeader(body, bytes.clone());
    }

    /** The bytes to store, a fresh array. */
    public byte[] encode() {
        return encoded.clone();
    }

    /** The volume whose keys these are. */
    public VolumeId volume() {
        return body.volume();
    }

    /** Counts the changes of this volume's header, from 1; of several copies the highest is valid. */
    public long generation() {
        return body.generation();
    }

    /** Identifies the volume's keys; the same in all generations. To be pinned in the configuration. */
    public KeyCommitment commitment() {
        return body.commitment();
    }

    /** The master key versions in use, ascending. */
    public NavigableSet<Integer> versions() {
        return Collections.unmodifiableNavigableSet(new TreeSet<>(body.versions()));
    }

    /** Who can unlock it. */
    public List<Recipient> recipients() {
        return body.recipients().stream().map(WrappedRecipient::recipient).toList();
    }

    /**
     * Checks that this is the header of the volume that the configuration pins.
     *
     * @return this
     * @throws UnlockException with reason {@link UnlockException.Reason#OTHER_VOLUME} if it is not
     */
    public VolumeHeader expect(VolumeId volume, KeyCommitment commitment) throws UnlockException {
        if (!volume.equals(volume()) || !commitment.equals(commitment())) {
            throw new UnlockException(
                    UnlockException.Reason.OTHER_VOLUME,
                    "volume header is of volume " + volume() + " with key commitment " + commitment()
                            + "; the configuration pins volume " + volume + " with " + commitment
                            + ". Check which catalog and backends are configured");
        }
        return this;
    }

    /**
     * Opens the header. A passphrase takes about a second and 256 MiB of heap for each passphrase among the recipients.
     *
     * @throws UnlockException if the secret does not fit, or the header was changed
     */
    public VolumeKeys unlock(Secret secret) throws UnlockException {
        return HeaderSeal.open(body, encoded, secret);
    }

    /**
     * Opens the newest of several copies, as they were found in the catalog and on backends. Anyone who can write to a
     * backend can put a header with a high generation there, so one that does not open only makes the next be tried.
     * Check the pins with {@link #expect} before, or at least after.
     *
     * @throws UnlockException if none opens: why the newest does not
     * @throws IllegalArgumentException if there is no copy
     */
    public static UnlockedHeader unlockNewest(Collection<VolumeHeader> copies, Secret secret) throws UnlockException {
        List<VolumeHeader> newestFirst = copies.stream()
                .distinct()
                .sorted(Comparator.comparingLong(VolumeHeader::generation).reversed())
                .toList();
        if (newestFirst.isEmpty()) {
            throw new IllegalArgumentException("no copy of a volume header given");
        }
        List<UnlockException> refused = new ArrayList<>();
        for (VolumeHeader header : newestFirst) {
            try {
                return new UnlockedHeader(header, header.unlock(secret), refused);
            } catch (UnlockException e) {
                refused.add(e);
            }
        }
        throw refused.getFirst();
    }

    /**
     * A further recipient.
     *
     * @param keys all keys of this header
     * @throws IllegalArgumentException if the name is taken, there is no room, or the keys are others
     */
    public VolumeHeader addRecipient(VolumeKeys keys, Recipient recipient) {
        checkSameVersions(keys);
        List<Recipient> more = new ArrayList<>(recipients());
        more.add(recipient);
        return changed(keys, more);
    }

    /**
     * One recipient less. See above for what that does not do.
     *
     * @param keys all keys of this header
     * @throws IllegalArgumentException if there is no recipient of this name, or no other one, or the keys are others
     */
    public VolumeHeader removeRecipient(VolumeKeys keys, String name) {
        checkSameVersions(keys);
        List<Recipient> fewer = new ArrayList<>(recipients());
        if (!fewer.removeIf(recipient -> recipient.name().equals(name))) {
            throw new IllegalArgumentException("no recipient is named \"" + name + "\"; there are "
                    + recipients().stream().map(Recipient::name).toList());
        }
        if (fewer.isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is the only recipient; without one nobody could unlock the volume");
        }
        return changed(keys, fewer);
    }

    /**
     * The header with one master key version more, see {@link VolumeKeys#rotated}, or one less, see
     * {@link VolumeKeys#without}.
     *
     * @throws IllegalArgumentException if {@code keys} differ otherwise from those of this header
     */
    public VolumeHeader withKeys(VolumeKeys keys) {
        checkSameVolume(keys);
        Set<Integer> difference = new HashSet<>(keys.versions());
        difference.removeAll(body.versions());
        Set<Integer> missing = new HashSet<>(body.versions());
        missing.removeAll(keys.versions());
        difference.addAll(missing);
        if (difference.size() != 1) {
            throw new IllegalArgumentException("keys of versions " + keys.versions()
                    + " given for a header of versions " + body.versions() + "; expected one more or one less");
        }
        return changed(keys, recipients());
    }

    /** The same bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof VolumeHeader header && Arrays.equals(encoded, header.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** Names volume and generation. */
    @Override
    public String toString() {
        return "VolumeHeader[" + volume() + ", generation " + generation() + "]";
    }

    private VolumeHeader changed(VolumeKeys keys, List<Recipient> recipients) {
        return seal(keys, Math.addExact(generation(), 1), recipients);
    }

    private static VolumeHeader seal(VolumeKeys keys, long generation, List<Recipient> recipients) {
        Set<String> names = new HashSet<>();
        for (Recipient recipient : recipients) {
            if (!names.add(recipient.name())) {
                throw new IllegalArgumentException("two recipients are named \"" + recipient.name() + "\"");
            }
        }
        if (recipients.isEmpty() || recipients.size() > HeaderBody.MAX_RECIPIENTS) {
            throw new IllegalArgumentException(
                    recipients.size() + " recipients; expected 1 to " + HeaderBody.MAX_RECIPIENTS);
        }
        return HeaderSeal.seal(keys, generation, recipients);
    }

    private void checkSameVersions(VolumeKeys keys) {
        checkSameVolume(keys);
        if (!keys.versions().equals(body.versions())) {
            throw new IllegalArgumentException("keys of versions " + keys.versions()
                    + " given for a header of versions " + body.versions() + "; unlock the newest header first");
        }
    }

    private void checkSameVolume(VolumeKeys keys) {
        if (!keys.volume().equals(volume()) || !KeyCommitment.of(keys).equals(commitment())) {
            throw new IllegalArgumentException(
                    "keys of volume " + keys.volume() + " do not belong to the header of volume " + volume());
        }
    }
}
