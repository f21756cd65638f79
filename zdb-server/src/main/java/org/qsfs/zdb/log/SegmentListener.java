package org.qsfs.zdb.log;

import java.io.IOException;

/** Told what happens to a log. Called without locks of the log; must not block for long. */
public interface SegmentListener {
    /**
     * A segment is closed: {@code dN} and {@code iN} are durable and will not change. Called in order of segments, by the
     * thread whose append or roll closed it.
     */
    void segmentClosed(int segment, long length);

    /** A write or fsync failed; the log accepts nothing more. Called once. */
    void failed(IOException cause);
}
