package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.WriteOutcome.Done;
import org.qsfs.zdb.engine.WriteOutcome.Refusal;
import org.qsfs.zdb.engine.WriteOutcome.Refused;
import org.qsfs.zdb.engine.WriteOutcome.Unchanged;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;
import org.qsfs.zdb.format.ZdbCrc;

/**
 * A key space with its settings. Keys and values are bytes; times are seconds, unsigned 32 bit.
 *
 * <p>Threading: everything may be called by any thread. A write returns when it is made; {@link Commit#await} returns when it is as
 * durable as the sync mode promises.
 */
public final class Namespace {
    /** What is refused for the time being; lost when the server stops. */
    public enum Access {
        OPEN,
        /** Writes are refused. */
        LOCKED,
        /** Reads and writes are refused. */
        FROZEN
    }

    /** A version and the store it was found in. */
    private record Found(Store store, Version version) {}

    private interface Action<T> {
        T run(Store store) throws IOException;
    }

    private final String name;
    private final DatabaseConfig config;
    private final StoreLoader loader;
    private final DatabaseListener listener;
    private final Object compacting = new Object();
    private volatile NamespaceSettings settings;
    private volatile Access access = Access.OPEN;
    private volatile boolean removed;
    private volatile Store store;

    Namespace(
            String name,
            DatabaseConfig config,
            StoreLoader loader,
            DatabaseListener listener,
            NamespaceSettings settings)
            throws IOException {
        this.name = name;
        this.config = config;
        this.loader = loader;
        this.listener = listener;
        this.settings = settings;
        this.store = loader.load();
    }

    public String name() {
        return name;
    }

    public Mode mode() {
        return store.mode();
    }

    public NamespaceSettings settings() {
        return settings;
    }

    public Access access() {
        return access;
    }

    public void access(Access now) {
        access = now;
    }

    /** Whether it was deleted; then nothing works any more. */
    public boolean isRemoved() {
        return removed;
    }

    /** Number of live keys. */
    public long entries() {
        return store.entries.get();
    }

    /** Bytes of all live values. */
    public long dataBytes() {
        return store.dataBytes.get();
    }

    public long indexBytes() {
        return store.indexBytes();
    }

    /** Sequential mode: number that the next insert gets. User mode: inserts so far. */
    public long nextId() throws IOException {
        return reading(Store::nextId);
    }

    public Path dataDirectory() {
        return config.dataRoot().resolve(name);
    }

    public Path indexDirectory() {
        return config.indexRoot().resolve(name);
    }

    public int activeNumber() {
        return store.activeNumber();
    }

    /** Bytes of the active data file. */
    public long activeDataLength() {
        return store.data().active().length();
    }

    public Statistics.Errors indexErrors() {
        return store.indexErrors;
    }

    public Statistics.Errors dataErrors() {
        return store.dataErrors;
    }

    /** Stores a value. User mode: under {@code key}. Sequential mode: an empty key inserts, a live number updates. */
    public WriteOutcome set(byte[] key, int timestamp, ByteBuffer... value) throws IOException {
        return set(key, timestamp, ZdbCrc.of(value), value);
    }

    /**
     * Stores a value whose checksum the caller has computed.
     *
     * @param checksum {@link ZdbCrc} of the value
     */
    public WriteOutcome set(byte[] key, int timestamp, int checksum, ByteBuffer... value) throws IOException {
        return writing(s -> set(s, key, checksum, timestamp, value));
    }

    private WriteOutcome set(Store s, byte[] key, int crc, int timestamp, ByteBuffer... value) throws IOException {
        if (access != Access.OPEN) {
            return new Refused(access == Access.FROZEN ? Refusal.FROZEN : Refusal.LOCKED);
        }
        Version old = key.length == 0 ? null : s.find(key);
        if (old != null && settings.worm()) {
            return new Refused(Refusal.WORM);
        }
        int length = Store.length(value);
        long limit = settings.maxSize();
        long oldLength = old == null ? 0 : Integer.toUnsignedLong(old.length());
        if (limit > 0 && s.dataBytes.get() + length > limit + oldLength) {
            return new Refused(Refusal.NO_SPACE);
        }
        boolean sequential = s.mode() == Mode.SEQUENTIAL;
        if (!sequential && key.length == 0) {
            return new Refused(Refusal.KEY_NEEDED);
        }
        if (sequential && key.length > 0 && old == null) {
            return new Refused(Refusal.UPDATE_ONLY);
        }
        if (old != null && s.holds(old, key.length, crc, value)) {
            return new Unchanged(s.committed());
        }
        if (s.needsJump(config.dataSize(), length)) {
            jump(s);
        }
        byte[] stored = sequential && key.length == 0 ? SequentialStore.key(s.nextId()) : key;
        return new Done(stored, s.write(stored, old, timestamp, crc, value));
    }

    /** Takes a key away; {@code timestamp} goes into its tombstone. */
    public WriteOutcome delete(byte[] key, int timestamp) throws IOException {
        return writing(s -> {
            if (access != Access.OPEN) {
                return new Refused(access == Access.FROZEN ? Refusal.FROZEN : Refusal.LOCKED);
            }
            Version old = s.find(key);
            if (old == null) {
                return new Refused(Refusal.NOT_FOUND);
            }
            if (settings.worm()) {
                return new Refused(Refusal.WORM);
            }
            return new Done(key, s.delete(key, old, timestamp));
        });
    }

    /** The present version of a key, without its value; null when there is none. */
    public @Nullable Version find(byte[] key) throws IOException {
        Found found = found(key);
        return found == null ? null : found.version();
    }

    /**
     * Gives buffers that together have room for exactly so many bytes. Where the first has {@link #ROOM_BYTES} before its position, a
     * value is read in one call; the bytes before are used meanwhile, and then are as they were.
     */
    public interface Buffers {
        int ROOM_BYTES = DataFiles.ROOM_BYTES;

        ByteBuffer[] of(int length) throws IOException;

        /** A value that need not be read; null when it must be. */
        default ByteBuffer @Nullable [] known(ValueIdentity identity) throws IOException {
            return null;
        }

        /** A value was read and checked. Positions stay. */
        default void wasRead(ValueIdentity identity, ByteBuffer... value) {}
    }

    /**
     * Reads a value.
     *
     * @param buffers asked again when the value changed while it was read
     * @return the buffers, positioned before the value; null when there is no such key
     * @throws ValueUnreadableException when it is damaged or its data file is not there
     */
    public ByteBuffer @Nullable [] get(byte[] key, Buffers buffers) throws IOException {
        for (Found found = found(key); found != null; ) {
            int length = found.version().length();
            if (length < 0 || length > DataFormat.MAX_VALUE_BYTES) {
                throw found.store().misplaced(found.version());
            }
            ValueIdentity identity = found.store().identity(found.version());
            ByteBuffer[] known = buffers.known(identity);
            if (known != null) {
                return known;
            }
            ByteBuffer[] dst = buffers.of(length);
            try {
                found.store().readValue(found.version(), key, dst);
                buffers.wasRead(identity, dst);
                return dst;
            } catch (IOException e) {
                Found again = found(key);
                if (found.equals(again)) {
                    throw e;
                }
                // flushed, reloaded or rewritten meanwhile
                found = again;
            }
        }
        return null;
    }

    /** Reads a value; null when there is no such key. */
    public byte @Nullable [] get(byte[] key) throws IOException {
        ByteBuffer[] value = get(key, length -> new ByteBuffer[] {ByteBuffer.allocate(length)});
        return value == null ? null : value[0].array();
    }

    /** The cursor of a key, from which a scan goes on behind it; null when there is no such key. */
    public @Nullable Cursor cursor(byte[] key) throws IOException {
        Version v = find(key);
        return v == null ? null : new Cursor(key.length, v.indexFile(), v.length(), v.indexOffset(), v.crc());
    }

    /** Whether a scan can go on at a cursor. */
    public boolean isValid(Cursor cursor) throws IOException {
        return new Scanner(store).isValid(cursor);
    }

    /** The next page of live keys in order of the index; null when there is no more. */
    public @Nullable ScanPage scan(@Nullable Cursor from, boolean backward) throws IOException {
        while (true) {
            Store s = store;
            try {
                Scanner scanner = new Scanner(s);
                return backward ? scanner.backward(from) : scanner.forward(from);
            } catch (IOException e) {
                if (s.equals(store)) {
                    throw e;
                }
                // flushed or reloaded meanwhile
            }
        }
    }

    /** The newest version of a key ({@code at} null) or the one at a place. */
    public HistoryOutcome history(byte[] key, HistoryOutcome.@Nullable Place at) throws IOException {
        return reading(s -> {
            Version newest = at == null ? s.find(key) : null;
            if (at == null && newest == null) {
                return HistoryOutcome.Nothing.NO_KEY;
            }
            int file = newest == null && at != null ? at.file() : newest == null ? 0 : newest.indexFile();
            int offset = newest == null && at != null ? at.offset() : newest == null ? 0 : newest.indexOffset();
            StoredRecord r = s.index().read(file, offset);
            if (r == null || !s.isBoundary(file, offset)) {
                return HistoryOutcome.Nothing.NO_RECORD;
            }
            if (!Arrays.equals(r.key(), key)) {
                return HistoryOutcome.Nothing.OTHER_KEY;
            }
            Version version = s.version(r);
            if (version.length() < 0 || version.length() > DataFormat.MAX_VALUE_BYTES) {
                throw s.misplaced(version);
            }
            int parentFile = r.record().parentFile();
            int parentOffset = r.record().parentOffset();
            return new HistoryOutcome.Found(
                    parentFile == 0 && parentOffset == 0 ? null : new HistoryOutcome.Place(parentFile, parentOffset),
                    new HistoryOutcome.Found.Value(version, key, s));
        });
    }

    /** Closes the active pair of files and opens the next. */
    public void jump() throws IOException {
        writing(s -> {
            jump(s);
            return true;
        });
    }

    private void jump(Store s) throws WriteFailedException {
        listener.jumped(this, s.jump());
    }

    /**
     * Rewrites closed data files without the values that no key has any more, one after the other, while others read and
     * write. Old values of the history are dropped.
     *
     * @return bytes that the data files are shorter
     * @throws IllegalStateException in sequential mode, and when data files are kept elsewhere, too: those copies would not fit
     *     the index any more
     */
    public long compact() throws IOException {
        if (!config.offload().equals(Offload.NONE)) {
            throw new IllegalStateException("data files of " + name + " are offloaded; they cannot be compacted");
        }
        long freed = 0;
        for (int number = 0; number < store.activeNumber(); number++) {
            if (!(store instanceof UserStore user)) {
                throw new IllegalStateException(name + " is in sequential mode; only user mode can be compacted");
            }
            freed += compact(user, number);
        }
        return freed;
    }

    private long compact(UserStore user, int number) throws IOException {
        synchronized (compacting) {
            Compactor compactor = new Compactor(config.files(), user, number);
            if (!compactor.isWorthwhile()) {
                return 0;
            }
            Path file = user.data().path(number);
            long before = config.files().size(file);
            boolean replaced;
            try {
                compactor.copy();
                replaced = writing(s -> replace(s, user, compactor));
            } catch (IOException e) {
                if (user.isUsable()) {
                    compactor.discard();
                }
                throw e;
            }
            return replaced ? before - config.files().size(file) : 0;
        }
    }

    /** False when the namespace was flushed or reloaded since the copy was made. */
    private static boolean replace(Store s, UserStore user, Compactor compactor) throws IOException {
        if (!s.equals(user)) {
            compactor.discard();
            return false;
        }
        s.settle();
        compactor.prepare();
        try {
            compactor.replace();
        } catch (IOException e) {
            s.fail(e);
            throw e;
        }
        s.markDirty(compactor.number());
        return true;
    }

    /** Jumps when the active pair was written to and is older than this. */
    void rotate(long seconds) throws IOException {
        if (store.isOlderThan(seconds)) {
            writing(s -> {
                if (s.isOlderThan(seconds)) {
                    jump(s);
                }
                return true;
            });
        }
    }

    /** Makes everything durable that was written. */
    public void sync() throws IOException {
        store.sync();
    }

    /** Removes all keys and files; ids begin at 0 again, mode and settings stay. */
    public void flush() throws IOException {
        writing(s -> {
            s.abandon();
            store = loader.flush(s.mode());
            return true;
        });
        listener.flushed(name);
    }

    /** Closes the files and loads them again. */
    public void reload() throws IOException {
        writing(s -> {
            s.close();
            store = loader.load();
            return true;
        });
        listener.reloaded(name);
    }

    /** Changes the mode; false when the namespace was used. */
    public boolean mode(Mode mode) throws IOException {
        boolean changed = writing(s -> {
            if (!s.isFresh()) {
                return false;
            }
            s.abandon();
            store = loader.flush(mode);
            return true;
        });
        if (changed) {
            listener.updated(name);
        }
        return changed;
    }

    /** Changes the settings that survive a restart; durable on return. */
    public void settings(NamespaceSettings now) throws IOException {
        writing(s -> {
            now.write(config.files(), indexDirectory());
            settings = now;
            return true;
        });
    }

    /** The entry at an offset of a data file, whatever it is. */
    public EntryHeader rawHeader(int file, long offset) throws IOException {
        return store.data().header(file, offset);
    }

    /** Bytes of a data file. */
    public void rawRead(int file, long offset, ByteBuffer dst) throws IOException {
        store.data().read(file, offset, dst);
    }

    /** Length of a data file in bytes; {@link java.nio.file.NoSuchFileException} when it is not there. */
    public long rawLength(int file) throws IOException {
        return file == store.activeNumber()
                ? activeDataLength()
                : config.files().size(store.data().path(file));
    }

    /** Index files changed in place since the last reset, ascending. */
    public SortedSet<Integer> dirty() {
        return store.dirty();
    }

    /** These numbers were dealt with. */
    public void resetDirty(SortedSet<Integer> reported) {
        store.resetDirty(reported);
    }

    /** These numbers were not dealt with after all. */
    public void addDirty(SortedSet<Integer> again) {
        store.addDirty(again);
    }

    void close() throws IOException {
        Store s = store;
        Lock lock = s.lock().writeLock();
        lock.lock();
        try {
            s.close();
        } finally {
            lock.unlock();
        }
    }

    /** Closes the files, because they are going to be removed. */
    void remove() throws IOException {
        writing(s -> {
            removed = true;
            s.abandon();
            return true;
        });
    }

    private @Nullable Found found(byte[] key) throws IOException {
        while (true) {
            Store s = store;
            Lock lock = s.lock().readLock();
            lock.lock();
            try {
                if (s.equals(store)) {
                    Version version = s.find(key);
                    return version == null ? null : new Found(s, version);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private <T> T reading(Action<T> action) throws IOException {
        while (true) {
            Store s = store;
            Lock lock = s.lock().readLock();
            lock.lock();
            try {
                if (s.equals(store)) {
                    return action.run(s);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private <T> T writing(Action<T> action) throws IOException {
        while (true) {
            Store s = store;
            Lock lock = s.lock().writeLock();
            lock.lock();
            try {
                if (s.equals(store)) {
                    return action.run(s);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
