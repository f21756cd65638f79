package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The keys of one volume: every master key version in use, and the root key, which never changes and binds the volume's
 * headers to each other.
 *
 * <p>New things are sealed under the highest version. {@link #rotated} makes keys with one version more; they may be
 * used, see {@link #adopt}, only after a {@link VolumeHeader} with them is stored where losing n−k backends does not
 * lose it.
 *
 * <p>Thread-safe. {@link #close} wipes all keys; calls after that throw {@link IllegalStateException}.
 */
public final class VolumeKeys implements AutoCloseable {
    /** Versions are numbered from 1; as many can be in use at once. */
    static final int MAX_VERSIONS = 1024;

    private static final byte[] NO_SALT = {};

    private final VolumeId volume;
    private final RawKey root;
    /** Replaced whole, never changed. */
    private volatile SortedMap<Integer, RawKey> masters;

    /** Takes over all keys. */
    VolumeKeys(VolumeId volume, RawKey root, SortedMap<Integer, RawKey> masters) {
        this.volume = volume;
        this.root = root;
        this.masters = Collections.unmodifiableSortedMap(masters);
    }

    /** A version with its key. */
    record CurrentKey(int version, RawKey key) {}

    /** New random keys of a new volume, with master key version 1. */
    public static VolumeKeys generate(VolumeId volume) {
        return new VolumeKeys(volume, RawKey.random(), new TreeMap<>(Map.of(1, RawKey.random())));
    }

    /** The volume these keys belong to. */
    public VolumeId volume() {
        return volume;
    }

    /** The version under which new things are sealed. */
    public int currentVersion() {
        return current().version();
    }

    /** All versions in use, ascending. */
    public NavigableSet<Integer> versions() {
        return Collections.unmodifiableNavigableSet(new TreeSet<>(masters.keySet()));
    }

    /**
     * The keys of an attempt. They belong to the caller, who closes them.
     *
     * @param keyVersion the master key version, {@link #currentVersion} for a new attempt
     * @param namespace the namespace that the segment belongs to
     * @param segment number of the segment
     * @throws UnknownKeyVersionException if the version is not in use
     */
    public AttemptKeys attempt(int keyVersion, AttemptId attempt, byte namespace, int segment)
            throws UnknownKeyVersionException {
        RawKey master = master(keyVersion);
        return new AttemptKeys(
                attempt,
                attemptKey("qsfs attempt seal", master, attempt, namespace, segment),
                attemptKey("qsfs attempt mac", master, attempt, namespace, segment));
    }

    /**
     * Seals records of one purpose.
     *
     * @param label names the purpose; records of one label do not open under another
     */
    public Sealer sealer(String label) {
        return new Sealer(this, label);
    }

    /** Copies of these keys and a new current version. These keys stay as they are. */
    public VolumeKeys rotated() {
        SortedMap<Integer, RawKey> more = copyOfMasters();
        if (more.size() == MAX_VERSIONS) {
            throw new IllegalStateException("volume " + volume + " has " + MAX_VERSIONS
                    + " master key versions in use; re-encrypt old segments and drop versions first");
        }
        more.put(more.lastKey() + 1, RawKey.random());
        return new VolumeKeys(volume, root.copy(), more);
    }

    /**
     * Copies of these keys without a version, for when nothing uses it any more.
     *
     * @throws UnknownKeyVersionException if the version is not in use
     * @throws IllegalArgumentException if it is the current version
     */
    public VolumeKeys without(int version) throws UnknownKeyVersionException {
        master(version);
        if (version == currentVersion()) {
            throw new IllegalArgumentException(
                    "master key version " + version + " is the current one and cannot be dropped; rotate first");
        }
        SortedMap<Integer, RawKey> fewer = copyOfMasters();
        RawKey dropped = fewer.remove(version);
        if (dropped != null) {
            dropped.close();
        }
        return new VolumeKeys(volume, root.copy(), fewer);
    }

    /**
     * Takes over the versions of {@code other}, which stays as it is. From now on its current version is used.
     *
     * @throws IllegalArgumentException if {@code other} are keys of another volume
     */
    public synchronized void adopt(VolumeKeys other) {
        if (!volume.equals(other.volume)) {
            throw new IllegalArgumentException("keys of volume " + other.volume + " given to volume " + volume);
        }
        SortedMap<Integer, RawKey> before = masters;
        SortedMap<Integer, RawKey> after = new TreeMap<>();
        // Others may be working with a key that stays, so its object stays too.
        other.masters.forEach((version, key) -> {
            RawKey kept = before.get(version);
            after.put(version, kept == null ? key.copy() : kept);
        });
        masters = Collections.unmodifiableSortedMap(after);
        before.forEach((version, key) -> {
            if (!after.containsKey(version)) {
                key.close();
            }
        });
    }

    /** Wipes all keys. */
    @Override
    public synchronized void close() {
        root.close();
        masters.values().forEach(RawKey::close);
    }

    /** Names the volume and versions, not the keys. */
    @Override
    public String toString() {
        return "VolumeKeys[" + volume + ", versions " + masters.keySet() + "]";
    }

    RawKey master(int version) throws UnknownKeyVersionException {
        SortedMap<Integer, RawKey> known = masters;
        RawKey master = known.get(version);
        if (master == null) {
            throw new UnknownKeyVersionException(version, known.keySet().toString());
        }
        return master;
    }

    CurrentKey current() {
        SortedMap<Integer, RawKey> known = masters;
        int version = known.lastKey();
        RawKey key = known.get(version);
        if (key == null) {
            throw new IllegalStateException("no master key");
        }
        return new CurrentKey(version, key);
    }

    /** A key that is the same in all generations of the volume's header. */
    RawKey rootKey(String label) {
        return Derivation.labelled(label).with(volume.toBytes()).key(root, NO_SALT);
    }

    /** Root key, then the master keys of these versions; the receiver wipes it. */
    byte[] encodeSecrets(SortedSet<Integer> versions) {
        byte[] secrets = new byte[RawKey.BYTES * (1 + versions.size())];
        ByteBuffer out = ByteBuffer.wrap(secrets);
        root.copyTo(out);
        for (int version : versions) {
            try {
                master(version).copyTo(out);
            } catch (UnknownKeyVersionException e) {
                throw new IllegalStateException("version " + version + " was dropped meanwhile", e);
            }
        }
        return secrets;
    }

    static VolumeKeys decodeSecrets(VolumeId volume, SortedSet<Integer> versions, byte[] secrets) {
        ByteBuffer in = ByteBuffer.wrap(secrets);
        RawKey root = RawKey.read(in);
        SortedMap<Integer, RawKey> masters = new TreeMap<>();
        versions.forEach(version -> masters.put(version, RawKey.read(in)));
        return new VolumeKeys(volume, root, masters);
    }

    private SortedMap<Integer, RawKey> copyOfMasters() {
        SortedMap<Integer, RawKey> copies = new TreeMap<>();
        masters.forEach((version, key) -> copies.put(version, key.copy()));
        return copies;
    }

    private RawKey attemptKey(String label, RawKey master, AttemptId attempt, byte namespace, int segment) {
        return Derivation.labelled(label)
                .with(volume.toBytes())
                .with(namespace)
                .with(segment)
                .key(master, attempt.toBytes());
    }
}
