package org.qsfs.fs.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.rows.Row;
import org.qsfs.fs.rows.RowSnapshot;
import org.qsfs.fs.rows.RowStore;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.LogPosition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes all rows of the index, as one transaction left them, as entries of the journal. For one checkpoint. */
final class CheckpointWriter {
    private static final Logger log = LoggerFactory.getLogger(CheckpointWriter.class);
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int ROWS_AT_ONCE = 512;
    private static final int ATTEMPTS = 3;
    /** Below every key. */
    private static final byte[] FIRST = {};

    /** Appends an entry and returns where it stands. */
    interface Appender {
        LogPosition append(JournalEntry entry) throws FsException;
    }

    /** A checkpoint that is complete, but not synced. */
    record Written(CheckpointPointer pointer, long bytes) {}

    private final RowStore rows;
    private final Appender appender;

    CheckpointWriter(RowStore rows, Appender appender) {
        this.rows = rows;
        this.appender = appender;
    }

    /** Writes the checkpoint; begins anew when the index turns out to be damaged, which repairs it. */
    Written write() throws FsException {
        for (int attempt = 1; ; attempt++) {
            try (RowSnapshot snapshot = rows.snapshot()) {
                return new Attempt(snapshot).write();
            } catch (FsException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw new FsException(
                            Errno.EIO, "the index could not be read for a checkpoint: " + e.getMessage(), e);
                }
                log.warn("a checkpoint begins anew: {}", e.getMessage());
            }
        }
    }

    private final class Attempt {
        private final RowSnapshot snapshot;
        private final JournalPoint point;
        private final MessageDigest digest = Sha256.hasher();
        private List<Row> chunk = new ArrayList<>();
        private int chunkBytes;
        private int chunks;
        private long rowCount;
        private long bytes;
        private LogPosition start = LogPosition.START;

        private Attempt(RowSnapshot snapshot) throws IOException {
            this.snapshot = snapshot;
            this.point = JournalPoint.decode(snapshot.mark());
        }

        private Written write() throws IOException {
            byte[] from = FIRST;
            List<Row> read;
            do {
                read = snapshot.rows(from, ROWS_AT_ONCE);
                for (Row row : read) {
                    add(row);
                }
                if (!read.isEmpty()) {
                    from = Row.successor(read.getLast().key());
                }
            } while (read.size() == ROWS_AT_ONCE);
            snapshot.requireSize(rowCount);
            if (!chunk.isEmpty() || chunks == 0) {
                flush();
            }
            CheckpointTrailer trailer =
                    new CheckpointTrailer(point, start, chunks, rowCount, Sha256.of(digest.digest()));
            LogPosition at = appender.append(trailer);
            return new Written(new CheckpointPointer(point.sequence(), start, at), bytes);
        }

        private void add(Row row) throws FsException {
            chunk.add(row);
            chunkBytes += RowChanges.bound(row);
            rowCount++;
            if (chunkBytes >= CHUNK_BYTES) {
                flush();
            }
        }

        private void flush() throws FsException {
            CheckpointChunk entry = new CheckpointChunk(point.sequence(), chunks, chunk);
            ByteBuffer value = entry.encode();
            digest.update(value.duplicate());
            bytes += value.remaining();
            LogPosition at = appender.append(entry);
            if (chunks == 0) {
                start = at;
            }
            chunks++;
            chunk = new ArrayList<>();
            chunkBytes = 0;
        }
    }
}
