package org.qsfs.fs.offload;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.qsfs.encryption.AttemptId;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.segment.StripeLayout;

/** The remote side in memory: outlives the volumes that tests open and close on it, and can be made unreachable. */
public final class MemorySegmentStore implements SegmentStore {
    private static final int STRIPE = 64 << 10;

    private final Map<SegmentId, byte[]> contents = new ConcurrentSkipListMap<>();
    private final Map<SegmentId, SegmentRecord> records = new ConcurrentSkipListMap<>();
    private volatile Optional<PublishedHead> head = Optional.empty();
    private volatile Optional<Head> copy = Optional.empty();
    private volatile boolean reachable = true;
    private volatile boolean confirms = true;
    private final Object gate = new Object();
    /** Guarded by {@link #gate}. */
    private boolean held;
    /** Guarded by {@link #gate}. */
    private int waiting;

    private long revisions;

    /** From now on the backends hang: reads and uploads do not come back, neither with a result nor with an error. */
    public void hold() {
        synchronized (gate) {
            held = true;
        }
    }

    /** What hangs goes on. */
    public void letGo() {
        synchronized (gate) {
            held = false;
            gate.notifyAll();
        }
    }

    /** Waits until so many calls hang. */
    public void awaitHeld(int calls) throws InterruptedException {
        synchronized (gate) {
            while (waiting < calls) {
                gate.wait();
            }
        }
    }

    private void pass() throws IOException {
        synchronized (gate) {
            waiting++;
            gate.notifyAll();
            try {
                while (held) {
                    gate.wait();
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            } finally {
                waiting--;
            }
        }
        check();
    }

    void reachable(boolean now) {
        reachable = now;
    }

    /** What the catalog knows goes back to what it was when {@link #catalog} was called; the backends keep what they have. */
    synchronized void setCatalogBack(CatalogState before) {
        head = before.head();
        records.keySet().retainAll(before.records().keySet());
    }

    /** What the catalog knows now. */
    synchronized CatalogState catalog() {
        return new CatalogState(head, Map.copyOf(records));
    }

    record CatalogState(Optional<PublishedHead> head, Map<SegmentId, SegmentRecord> records) {}

    /** Catalog and backends forget the head. */
    synchronized void loseHeads() {
        head = Optional.empty();
        copy = Optional.empty();
    }

    /** What the backends say the head is. */
    void copyIs(Head known) {
        copy = Optional.of(known);
    }

    /** The head in the catalog goes back, the records stay. */
    synchronized void setHeadBack(Optional<PublishedHead> before) {
        head = before;
    }

    void confirms(boolean now) {
        confirms = now;
    }

    /** The backends have no segment any more, and the catalog says so. */
    void loseAll() {
        contents.forEach((id, bytes) -> records.put(id, recordOf(id, bytes, StoredState.LOST)));
        contents.clear();
    }

    /** Makes a stored segment longer, or shorter, than the local one it was made from. */
    void resize(SegmentId id, int delta) {
        byte[] bytes = Arrays.copyOf(contents.get(id), contents.get(id).length + delta);
        contents.put(id, bytes);
        records.put(id, recordOf(id, bytes));
    }

    @Override
    public SegmentRecord store(SegmentId id, Path file) throws IOException {
        pass();
        byte[] bytes = Files.readAllBytes(file);
        SegmentRecord record = recordOf(id, bytes);
        contents.put(id, bytes);
        records.put(id, record);
        return record;
    }

    private static SegmentRecord recordOf(SegmentId id, byte[] bytes) {
        return recordOf(id, bytes, StoredState.STORED);
    }

    private static SegmentRecord recordOf(SegmentId id, byte[] bytes, StoredState state) {
        return new SegmentRecord(
                id,
                state,
                AttemptId.random(),
                1,
                RedundancyPolicy.of(1, 1),
                new StripeLayout(bytes.length, STRIPE),
                Optional.of(Sha256.digest(bytes)),
                Instant.now(),
                List.of(new ShardPlace(new BackendId("memory"), ShardState.PRESENT)),
                List.of());
    }

    @Override
    public void read(SegmentId id, long offset, ByteBuffer dst) throws IOException {
        pass();
        byte[] bytes = contents.get(id);
        if (bytes == null) {
            throw new StorException.NotStored(id, "nothing");
        }
        dst.put(bytes, (int) offset, dst.remaining());
    }

    @Override
    public void fetch(SegmentId id, Path target) throws IOException {
        check();
        Files.write(target, contents.get(id));
    }

    @Override
    public Optional<SegmentRecord> record(SegmentId id) {
        return Optional.ofNullable(records.get(id));
    }

    @Override
    public Collection<SegmentRecord> records() {
        return Collections.unmodifiableCollection(records.values());
    }

    @Override
    public boolean confirmStored(SegmentId id) throws IOException {
        check();
        return confirms && records.containsKey(id);
    }

    @Override
    public Optional<PublishedHead> head() {
        return head;
    }

    @Override
    public Optional<Head> newestHeadOnBackends() {
        return reachable ? copy : Optional.empty();
    }

    @Override
    public synchronized boolean publishHead(Optional<PublishedHead> expected, Head next) throws IOException {
        check();
        if (!expected.equals(head)) {
            return false;
        }
        head = Optional.of(new PublishedHead(next, ++revisions));
        copy = Optional.of(next);
        return true;
    }

    @Override
    public boolean delete(SegmentId id) {
        records.remove(id);
        contents.remove(id);
        return true;
    }

    @Override
    public List<BackendStatus> backends() {
        return List.of();
    }

    @Override
    public void close() {}

    private void check() throws IOException {
        if (!reachable) {
            throw new IOException("the test made the backends unreachable");
        }
    }
}
