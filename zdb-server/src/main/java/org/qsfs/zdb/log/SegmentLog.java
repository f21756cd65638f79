package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.NamespaceSettings;
import org.qsfs.zdb.log.SegmentInfo.State;

/**
 * An append-only namespace whose entries are found by location, in 0-db's files.
 *
 * <p><b>Life.</b> After {@link #open} nothing can be appended. Recovery scans, cuts a torn tail, and names the first new
 * segment with {@link #startSegment}. The file of a segment is created by the first append into it, so a log that is only read
 * leaves no empty segments behind. {@link #close} closes the active segment like {@link #roll}.
 *
 * <p><b>Durability.</b> An appended entry survives a crash when a {@link #sync} that began after the append has returned, or
 * its segment is closed. A segment is closed when its data file is durable and its index file written. The name of a new data
 * file is durable before the first location in it is returned.
 *
 * <p><b>Failure.</b> A failed write is cut off the file. After a failed write or fsync every later append, roll and sync throws
 * {@link LogFailedException}; reads go on.
 *
 * <p><b>Threading.</b> Everything may be called by any thread. Appends are serialised, reads take no lock, concurrent syncs
 * share one fdatasync. An interrupted thread finishes its operation and stays interrupted.
 */
public final class SegmentLog implements AutoCloseable {
    /** Appended bytes after which they are put on disk without being asked to. */
    private static final long EARLY_SYNC_BYTES = 8L << 20;

    private final SegmentLogConfig config;
    private final SegmentDirectory directory;
    private final EntryReader entries;
    private final SegmentCompletion completion;
    private final GroupCommit commit;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    private final ReentrantLock appendLock = new ReentrantLock();
    private final ByteBuffer staging = DataFile.batchStaging();

    private volatile @Nullable DataFile active;
    /** Of the active segment. Guarded by appendLock. */
    private IndexEntries activeEntries = new IndexEntries(0);

    /** Number of the segment that the next append creates when none is active, -1 = appending is not allowed. */
    private volatile int next = -1;

    /** How much of the active segment was on its way to disk when the last early sync began. Guarded by appendLock. */
    private long syncedEarly;

    private final AtomicBoolean syncingEarly = new AtomicBoolean();

    private int lastEntry;
    /** Length of the active segment when it holds nothing but the framing's header. */
    private long emptyLength;

    private volatile boolean closed;

    private SegmentLog(SegmentLogConfig config) throws IOException {
        this.config = config;
        this.directory = new SegmentDirectory(config);
        this.entries = new EntryReader(config, directory);
        this.completion = new SegmentCompletion(config, directory);
        this.commit = new GroupCommit(LogPosition.START.ticket(), this::flush);
    }

    /** Opens a namespace, which need not exist yet. Nothing is written, scanned or cut. */
    public static SegmentLog open(SegmentLogConfig config) throws IOException {
        return new SegmentLog(config);
    }

    /** Segments of which a file is here, ascending. */
    public List<SegmentInfo> segments() {
        DataFile writing = active;
        List<SegmentInfo> all = new ArrayList<>();
        for (int number : directory.numbers()) {
            boolean indexed = directory.isIndexed(number);
            double heat = directory.heat(number);
            if (writing != null && writing.number() == number) {
                all.add(new SegmentInfo(number, writing.length(), true, indexed, State.ACTIVE, heat));
            } else {
                long length = directory.localLength(number);
                all.add(new SegmentInfo(number, length, length >= 0, indexed, State.CLOSED, heat));
            }
        }
        return all;
    }

    /** Highest number of which a file is here or that is stored elsewhere, -1 when there is none. */
    public int highestSegment() throws IOException {
        return Math.max(directory.highest(), config.missing().highest());
    }

    /** Position behind the last entry. Before {@link #startSegment}: the end of the highest local file. */
    public LogPosition end() {
        DataFile writing = active;
        if (writing != null) {
            return new LogPosition(writing.number(), writing.length());
        }
        return next >= 0 ? new LogPosition(next, DataFormat.HEADER_BYTES) : endOfFiles();
    }

    /** Everything before this position is durable. Before {@link #startSegment} nothing is known to be. */
    public LogPosition synced() {
        return LogPosition.ofTicket(commit.durable());
    }

    /**
     * Walks the entries in order from a position, which is the start of a segment (offset 0) or the boundary of an entry, to the
     * end of the log. Segments that are not local are read through {@link MissingSegments}; those that exist nowhere are
     * passed over. An entry whose value has a wrong checksum is visited with {@code crcOk} false and the walk goes on; it ends
     * where the next entry cannot be found.
     *
     * @param values whether values are read and checked
     */
    public ScanEnd scan(LogPosition from, boolean values, EntryVisitor visitor) throws IOException {
        LogPosition at = from;
        for (int number = from.segment(); number <= highestSegment(); number++) {
            long length = lengthOf(number);
            if (length < 0) {
                continue;
            }
            int segment = number;
            long start = number == from.segment() ? from.offset() : 0;
            EntryWalker walker =
                    new EntryWalker(number, (dst, position) -> directory.read(segment, position, dst), length, values);
            ScanEnd end = walker.walk(start, visitor);
            if (!end.complete()) {
                return end;
            }
            at = end.position();
        }
        return new ScanEnd(at, ScanEnd.Reason.END, "");
    }

    /** Like {@link #scan(LogPosition, boolean, EntryVisitor)} with values. */
    public ScanEnd scan(LogPosition from, EntryVisitor visitor) throws IOException {
        return scan(from, true, visitor);
    }

    /**
     * Cuts a torn tail: truncates {@code dN} at the position and removes all later files; durable on return. A position inside
     * the file header removes the whole segment. Only before {@link #startSegment}.
     */
    public void cut(LogPosition end) throws IOException {
        appendLock.lock();
        try {
            if (next >= 0 || active != null) {
                throw new IllegalStateException("log " + config.namespace() + " is in use; cut it before startSegment");
            }
            directory.cut(end);
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * Allows appending. The next append creates this segment. Makes durable what is here, and creates directories and settings file where missing, and index
     * files of all earlier segments that have none: from the data file, or header-only where that is not local (a gap would
     * hide later files from 0-db).
     *
     * @param number above {@link #highestSegment}; a segment that was active at a crash is never appended to again
     */
    public void startSegment(int number) throws IOException {
        appendLock.lock();
        try {
            checkUsable();
            if (next >= 0 || active != null) {
                throw new IllegalStateException("log " + config.namespace() + " was started before");
            }
            if (number <= highestSegment()) {
                throw new IllegalArgumentException("segment %d of %s is not new: files up to %d exist"
                        .formatted(number, config.namespace(), highestSegment()));
            }
            prepareDirectories();
            completion.writeMissing(number);
            commit.reset(new LogPosition(number, DataFormat.HEADER_BYTES).ticket());
            next = number;
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * Appends an entry and returns where it is. Not durable before {@link #sync}. When the entry does not fit into the active
     * segment, that is closed first; an entry longer than a segment gets one of its own.
     *
     * @param key 1..255 bytes (the configured length, if there is one)
     * @param value together at most 8 MiB; positions move to the limits
     */
    public Location append(byte[] key, ByteBuffer... value) throws IOException {
        return append(List.of(NewEntry.of(key, value))).getFirst();
    }

    /**
     * Appends entries, of which those that lie side by side in a segment are written together. Otherwise as if each were appended by itself, and nothing that others append comes between
     * them.
     *
     * @return where they are
     */
    public List<Location> append(List<NewEntry> all) throws IOException {
        for (NewEntry entry : all) {
            checkKey(entry.key());
        }
        List<Location> locations = new ArrayList<>(all.size());
        boolean rolled = false;
        boolean late;
        appendLock.lock();
        try {
            checkUsable();
            int done = 0;
            while (done < all.size()) {
                DataFile file = active;
                if (file != null && !fits(file.length(), all.get(done))) {
                    rolled |= closeActive();
                    file = active;
                }
                if (file == null) {
                    file = openNext();
                }
                List<NewEntry> together = all.subList(done, done + countOfFitting(file, all, done));
                append(file, together, locations);
                done += together.size();
            }
            late = isLate();
        } catch (IOException e) {
            throw failed(e);
        } finally {
            appendLock.unlock();
        }
        if (late) {
            Thread.ofVirtual().name("segment-early-sync").start(this::syncEarly);
        }
        if (rolled) {
            completeClosed();
        }
        return locations;
    }

    /**
     * Closes the active segment unless it is empty: trailer, fdatasync, index file, listeners. The next append begins the next
     * segment.
     *
     * @return the segment that was closed
     */
    public Optional<Integer> roll() throws IOException {
        Optional<Integer> rolled;
        appendLock.lock();
        try {
            checkUsable();
            DataFile file = active;
            rolled = file != null && closeActive() ? Optional.of(file.number()) : Optional.empty();
        } catch (IOException e) {
            throw failed(e);
        } finally {
            appendLock.unlock();
        }
        completeClosed();
        return rolled;
    }

    /**
     * Reads value bytes {@code [from, from + dst.remaining())}, which must lie inside the value. The bytes are not checked; the
     * owner checks the part it asked for, or uses {@link #entry}.
     */
    public void read(Location location, int from, ByteBuffer dst) throws IOException {
        entries.read(location, from, dst);
    }

    /** The header of an entry. */
    public EntryHeader readEntryHeader(Location location) throws IOException {
        return entries.header(location);
    }

    /** Reads a whole entry and checks its checksum; {@link DamagedEntryException} when it is not what was appended. */
    public LogEntry entry(Location location) throws IOException {
        return entries.entry(location);
    }

    /** Returns when everything appended before this call is durable. Concurrent callers share one fdatasync. */
    public void sync() throws IOException {
        checkUsable();
        requireStarted();
        try {
            commit.sync(end().ticket());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Keeps the disk busy while a segment fills, so that neither its end nor an fsync finds all of it still to be written. */
    private void syncEarly() {
        try {
            sync();
        } catch (IOException e) {
            // everybody else finds the failure too
        } catch (IllegalStateException closedMeanwhile) {
            // nothing left to do
        } finally {
            syncingEarly.set(false);
        }
    }

    /** Removes the data file of a closed segment from the local disk; its index file stays. The caller knows that it is stored elsewhere. */
    public void evict(int segment) throws IOException {
        requireClosed(segment);
        if (!directory.isIndexed(segment)) {
            throw new IllegalStateException(
                    "segment " + segment + " of " + config.namespace() + " has no index file yet");
        }
        directory.evict(segment);
    }

    /** Makes a closed segment local again: fsyncs a complete copy of {@code dN} and renames it into place. */
    public void install(int segment, Path complete) throws IOException {
        requireClosed(segment);
        directory.install(segment, complete);
    }

    public void addListener(SegmentListener listener) {
        completion.addListener(listener);
    }

    /**
     * Closes the active segment, unless it is empty, and all files. A log that failed is left as it is. Idempotent.
     */
    @Override
    public void close() throws IOException {
        appendLock.lock();
        try {
            if (closed) {
                return;
            }
            if (failure.get() == null && !closeActive()) {
                removeEmptyActive();
            }
        } catch (IOException e) {
            throw failed(e);
        } finally {
            closed = true;
            appendLock.unlock();
        }
        try {
            completeClosed();
        } finally {
            directory.close();
        }
    }

    private LogPosition endOfFiles() {
        int highest = directory.highest();
        return highest < 0 ? LogPosition.START : new LogPosition(highest, Math.max(0, directory.localLength(highest)));
    }

    private long lengthOf(int number) throws IOException {
        DataFile writing = active;
        if (writing != null && writing.number() == number) {
            return writing.length();
        }
        long length = directory.localLength(number);
        return length >= 0 ? length : config.missing().length(number);
    }

    private void prepareDirectories() throws IOException {
        config.files().createDirectories(config.dataDirectory());
        config.files().createDirectories(config.indexDirectory());
        if (!config.files().exists(config.indexDirectory().resolve(NamespaceSettings.FILE_NAME))) {
            NamespaceSettings.fresh(config.namespace()).write(config.files(), config.indexDirectory());
        }
    }

    /** Whether an entry that would begin at {@code end} fits; the first one always does. */
    private boolean fits(long end, NewEntry entry) {
        return end == emptyLength || end + entry.length() + config.framing().trailerBytes() <= config.segmentSize();
    }

    /** How many of the entries from {@code first} on fit into a file into which that one does. */
    private int countOfFitting(DataFile file, List<NewEntry> all, int first) {
        long end = file.length() + all.get(first).length();
        int behind = first + 1;
        while (behind < all.size() && fits(end, all.get(behind))) {
            end += all.get(behind).length();
            behind++;
        }
        return behind - first;
    }

    private void append(DataFile file, List<NewEntry> entries, List<Location> locations) throws IOException {
        int timestamp = (int) (System.currentTimeMillis() / 1000);
        int[] offsets = file.append(entries, timestamp);
        for (int i = 0; i < offsets.length; i++) {
            locations.add(new Location(file.number(), offsets[i], entries.get(i).valueLength()));
            activeEntries.add(entries.get(i), offsets[i], timestamp);
        }
    }

    /** Whether much of the active segment is not on its way to disk, and nobody has seen to it yet. Under appendLock. */
    private boolean isLate() {
        DataFile file = active;
        if (file == null
                || file.length() - syncedEarly < EARLY_SYNC_BYTES
                || !syncingEarly.compareAndSet(false, true)) {
            return false;
        }
        syncedEarly = file.length();
        return true;
    }

    private void writeFrame(DataFile file, SegmentFraming.@Nullable Frame frame) throws IOException {
        if (frame != null) {
            append(file, List.of(NewEntry.of(frame.key(), frame.value())), new ArrayList<>());
        }
    }

    private DataFile openNext() throws IOException {
        requireStarted();
        int number = next;
        DataFile file = DataFile.create(config.files(), config.dataDirectory(), number, staging, lastEntry);
        directory.added(number, file.length(), file.file());
        activeEntries = new IndexEntries(number);
        writeFrame(file, config.framing().header(new LogPosition(number, file.length())));
        emptyLength = file.length();
        syncedEarly = 0;
        active = file;
        return file;
    }

    /** Closes the active segment up to its data file; false when it is empty. */
    private boolean closeActive() throws IOException {
        DataFile file = active;
        if (file == null || file.length() == emptyLength) {
            return false;
        }
        SegmentFraming.Frame trailer = config.framing().trailer(new LogPosition(file.number(), file.length()));
        if (trailer != null) {
            int bytes = DataFormat.ENTRY_HEADER_BYTES
                    + trailer.key().length
                    + trailer.value().remaining();
            if (bytes > config.framing().trailerBytes()) {
                throw new IllegalStateException(
                        "trailer of " + bytes + " bytes, " + config.framing().trailerBytes() + " were reserved");
            }
            writeFrame(file, trailer);
        }
        file.complete();
        commit.sync(new LogPosition(file.number(), file.length()).ticket());
        lastEntry = file.lastEntry();
        directory.closed(file.number(), file.length());
        completion.closed(file.number(), file.length(), activeEntries);
        next = file.number() + 1;
        active = null;
        return true;
    }

    private void completeClosed() throws IOException {
        try {
            completion.completeAll();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** An active segment that holds nothing but framing is not worth keeping; its number is used again. */
    private void removeEmptyActive() throws IOException {
        DataFile file = active;
        if (file != null) {
            active = null;
            directory.evict(file.number());
        }
    }

    /**
     * What was appended up to one moment, and so what an fdatasync after it vouches for.
     *
     * @param file the active file, null when there is none
     * @param end behind the last entry then; without an active file the begin of the next
     */
    record Appended(@Nullable DataFile file, LogPosition end) {}

    Appended appended() {
        // in this order: closing a file sets the next number first, and an append meanwhile must not count
        int upcoming = next;
        DataFile file = active;
        return file == null
                ? new Appended(null, new LogPosition(upcoming, DataFormat.HEADER_BYTES))
                : new Appended(file, new LogPosition(file.number(), file.length()));
    }

    /** One fdatasync for everything appended so far. */
    private long flush() throws IOException {
        Appended all = appended();
        long reached = all.end().ticket();
        // a file that was closed since is durable already, and may be evicted at any moment
        if (all.file() != null && reached > commit.durable()) {
            all.file().file().sync();
        }
        return reached;
    }

    private void requireClosed(int segment) {
        if (segment < 0 || (next >= 0 && segment >= next)) {
            throw new IllegalArgumentException("segment " + segment + " of " + config.namespace() + " is not closed");
        }
    }

    private void checkKey(byte[] key) {
        int fixed = config.keyLength();
        if (key.length == 0 || key.length > DataFormat.MAX_KEY_BYTES || (fixed > 0 && key.length != fixed)) {
            throw new IllegalArgumentException("key of %d bytes in %s; %s expected"
                    .formatted(key.length, config.namespace(), fixed > 0 ? fixed : "1 to 255"));
        }
    }

    private void checkUsable() throws IOException {
        IOException cause = failure.get();
        if (cause != null) {
            throw new LogFailedException(config.namespace(), cause);
        }
        if (closed) {
            throw new IllegalStateException("log " + config.namespace() + " is closed");
        }
    }

    private void requireStarted() {
        if (next < 0) {
            throw new IllegalStateException(
                    "log " + config.namespace() + " has no segment to append to; call startSegment");
        }
    }

    private IOException failed(IOException cause) {
        if (cause instanceof LogFailedException) {
            return cause;
        }
        if (failure.compareAndSet(null, cause)) {
            completion.failed(cause);
        }
        return cause;
    }
}
