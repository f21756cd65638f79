package org.qsfs.stor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;

/**
 * Closed segments on backends. A segment is stored once, never changed, read in parts, and deleted whole.
 *
 * <p><b>Failure.</b> Every method fails with a {@link org.qsfs.stor.segment.StorException} that says which segment, what was found and what to do. Every wait on a
 * backend or the catalog has a deadline.
 *
 * <p><b>Durability.</b> What {@link #store} returned is on the backends as its record says, and the record is in the catalog. It may be dropped locally only after
 * {@link #confirmStored}.
 *
 * <p><b>Threading.</b> All methods may be called from any threads at once and block; use virtual threads. Interrupting a thread ends its call.
 */
public interface SegmentStore extends AutoCloseable {

    /**
     * Stores a closed segment. When it is stored already with the same content, nothing is written. Does not wait for repair: a segment of which at least the write
     * quorum of shards is written is published as degraded.
     *
     * @param file the whole data file, at least one byte, which must not change meanwhile
     * @return the record, {@code STORED} or {@code DEGRADED}
     */
    SegmentRecord store(SegmentId id, Path file) throws IOException;

    /**
     * Reads {@code dst.remaining()} bytes of a segment from byte {@code offset}; fetches only the stripes concerned.
     *
     * @throws IllegalArgumentException when the range is not inside of the segment
     */
    void read(SegmentId id, long offset, ByteBuffer dst) throws IOException;

    /**
     * Fetches a whole segment. {@code target} appears by rename, synced, only after its length and its SHA-256 were found right; what was there is replaced. A file
     * {@code target} with the suffix {@code .fetching} is used meanwhile.
     */
    void fetch(SegmentId id, Path target) throws IOException;

    /** The record of a segment as this process knows it. */
    Optional<SegmentRecord> record(SegmentId id) throws IOException;

    /** All records, in the order of their ids, as this process knows them. */
    Collection<SegmentRecord> records() throws IOException;

    /**
     * Whether the local copy may go: the segment is STORED and every value of every one of its n shards was just found on its backend, long enough after it was
     * written for a backend that does not sync to have it on disk.
     */
    boolean confirmStored(SegmentId id) throws IOException;

    /** What of the volume is published; read from the catalog. */
    Optional<PublishedHead> head() throws IOException;

    /**
     * The newest head among the sealed copies on the backends that can be reached: later than the catalog's when that was lost or set back. Copies that are damaged or of
     * another volume do not count.
     */
    Optional<Head> newestHeadOnBackends() throws IOException;

    /**
     * Publishes a head in place of {@code expected}, empty for the first one; then also writes it, sealed, to the backends, as many as can be reached.
     *
     * @return false when the head in the catalog is another one; nothing was changed
     * @throws org.qsfs.stor.segment.StorException.NotWriter when this process is not the writer (any more)
     */
    boolean publishHead(Optional<PublishedHead> expected, Head next) throws IOException;

    /**
     * Marks a segment as deleted and deletes its shards. The caller knows that nothing published refers to it.
     *
     * @return true when shards and record are gone; false when a backend did not answer, then the record stays DELETING and a later call or the repair pass goes on
     */
    boolean delete(SegmentId id) throws IOException;

    /** Health and space of every backend as last seen; does not wait for any. */
    List<BackendStatus> backends();

    /** Stops background work, gives running calls a short time to end, and disconnects. */
    @Override
    void close();
}
