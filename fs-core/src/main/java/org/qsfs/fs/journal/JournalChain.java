package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.log.SegmentLogConfig;

/** Reads closed meta segments without opening the journal: what hangs on what, and what each needs. Any thread. */
public final class JournalChain {
    private JournalChain() {}

    /**
     * What a closed meta segment says of itself.
     *
     * @param meta where the segment is: local, or read as a missing one
     * @throws IOException it is not there, not whole, or no meta segment
     */
    public static MetaRoll roll(SegmentLogConfig meta, int segment) throws IOException {
        return ClosedSegment.read(new MetaSegments(meta), segment, false);
    }

    /**
     * The segments of the chain that ends in {@code tail}, ascending, down to the one behind {@code after}, or to the first of all.
     *
     * @throws IOException one of them is not there, not whole, or not the one that its successor names
     */
    public static List<MetaRoll> ending(SegmentLogConfig meta, SegmentLink tail, int after) throws IOException {
        Deque<MetaRoll> chain = new ArrayDeque<>();
        @Nullable SegmentLink wanted = tail;
        while (wanted != null && wanted.segment() > after) {
            MetaRoll found = roll(meta, wanted.segment());
            if (!found.link().equals(wanted)) {
                throw new IOException(
                        "meta segment %d is of epoch %d with the hash %s; expected epoch %d and %s, as what follows it says"
                                .formatted(
                                        wanted.segment(), found.epoch(), found.hash(), wanted.epoch(), wanted.hash()));
            }
            chain.addFirst(found);
            wanted = found.predecessor();
        }
        return List.copyOf(chain);
    }
}
