package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.zdb.log.MissingSegments;

/** The segments of one namespace that are on the backends. Thread-safe. */
final class StoredSegments implements MissingSegments {
    /** Reads a part of a stored segment; usually {@link StripeCache#read}. */
    interface Source {
        void read(SegmentRecord record, long offset, ByteBuffer dst) throws IOException;
    }

    private final SegmentStore store;
    private final SegmentNamespace namespace;
    private final Source source;
    private final IntFunction<SegmentId> identify;
    private final IntPredicate visible;

    /**
     * @param identify which segment has a number
     * @param visible which numbers may be read; a journal segment that was stored but never published is not part of the volume's history and may not be
     */
    StoredSegments(
            SegmentStore store,
            SegmentNamespace namespace,
            Source source,
            IntFunction<SegmentId> identify,
            IntPredicate visible) {
        this.store = store;
        this.namespace = namespace;
        this.source = source;
        this.identify = identify;
        this.visible = visible;
    }

    @Override
    public int highest() throws IOException {
        return store.records().stream()
                .map(SegmentRecord::id)
                .filter(id -> id.namespace() == namespace)
                .mapToInt(SegmentId::number)
                .max()
                .orElse(-1);
    }

    @Override
    public long length(int segment) throws IOException {
        return visible.test(segment)
                ? find(segment).map(record -> record.layout().segmentLength()).orElse(-1L)
                : -1;
    }

    @Override
    public void read(int segment, long offset, ByteBuffer dst) throws IOException {
        SegmentRecord record = find(segment)
                .orElseThrow(() -> new IOException("segment " + namespace.word() + "/" + segment
                        + " is neither on the local disk nor stored on the backends; see 'qsfs check'"));
        source.read(record, offset, dst);
    }

    private Optional<SegmentRecord> find(int segment) throws IOException {
        return store.record(identify.apply(segment))
                .filter(record -> record.state().servesReads());
    }
}
