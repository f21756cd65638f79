package org.qsfs.fs.journal;

import java.io.IOException;
import java.security.MessageDigest;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.LogPosition;

/** SHA-256 of the file of the active meta segment, computed bit by bit while it grows, so that little is left to do when it closes. Any thread. */
final class SegmentDigest {
    /** Smaller steps are left for later. */
    private static final int STEP_BYTES = 1 << 20;

    private final MetaSegments segments;
    private MessageDigest digest = Sha256.hasher();
    private int segment = -1;
    private long done;

    SegmentDigest(MetaSegments segments) {
        this.segments = segments;
    }

    /** The file does not change any more before this position. */
    synchronized void advance(LogPosition end) throws IOException {
        if (end.segment() >= segment && end.offset() - (end.segment() == segment ? done : 0) >= STEP_BYTES) {
            update(end);
        }
    }

    /** The hash of a file that ends here. */
    synchronized Sha256 finish(LogPosition end) throws IOException {
        update(end);
        segment = end.segment() + 1;
        done = 0;
        return Sha256.of(digest.digest());
    }

    private void update(LogPosition end) throws IOException {
        if (end.segment() != segment) {
            digest = Sha256.hasher();
            segment = end.segment();
            done = 0;
        }
        segments.update(digest, segment, done, end.offset());
        done = end.offset();
    }
}
