package org.qsfs.fs.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.qsfs.fs.data.Flusher.Piece;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.NewEntry;
import org.qsfs.zdb.log.SegmentLog;

/**
 * Makes data records of the written ranges of one file, adjacent ones in one record as far as that goes, and appends them to the log, small ones many at a time. For one thread.
 */
final class RecordAppender {
    /** File bytes that are appended at once. */
    private static final int ENOUGH = DataRecord.MAX_DATA;

    private final long inode;
    private final SegmentLog log;
    private final LongSupplier sequences;

    /** Bytes of the next record. */
    private final List<DataRecord.Part> parts = new ArrayList<>();

    private long start;
    private long end;

    private final List<Sealed> waiting = new ArrayList<>();
    private long waitingBytes;
    private final Deque<Piece> appended = new ArrayDeque<>();

    /** A record that is complete and not appended. */
    private record Sealed(long offset, int length, DataRecord.Key key, int crc, NewEntry entry) {}

    /** @param sequences numbers for the keys of records */
    RecordAppender(long inode, SegmentLog log, LongSupplier sequences) {
        this.inode = inode;
        this.log = log;
        this.sequences = sequences;
    }

    /** Ranges come in the order in which they lie in the file. */
    void add(DirtyRange range) throws IOException {
        boolean joins = range.start() == end && range.end() - start <= DataRecord.MAX_DATA;
        if (!joins) {
            seal();
        }
        if (parts.isEmpty()) {
            start = range.start();
        }
        parts.addAll(range.parts());
        end = range.end();
    }

    /** Appends the rest. @return all records, in order */
    Deque<Piece> end() throws IOException {
        seal();
        append();
        return appended;
    }

    private void seal() throws IOException {
        if (parts.isEmpty()) {
            return;
        }
        DataRecord.Key key = new DataRecord.Key(inode, start, sequences.getAsLong());
        byte[] keyBytes = key.encode();
        DataRecord.Seal seal = DataRecord.seal(keyBytes, parts);
        List<ByteBuffer> value = new ArrayList<>(parts.size() + 1);
        parts.forEach(part -> value.add(part.bytes()));
        value.add(seal.checksums());
        parts.clear();
        waiting.add(new Sealed(start, (int) (end - start), key, seal.crc(), new NewEntry(keyBytes, value, seal.crc())));
        waitingBytes += end - start;
        if (waitingBytes >= ENOUGH) {
            append();
        }
    }

    private void append() throws IOException {
        List<Location> locations =
                log.append(waiting.stream().map(Sealed::entry).toList());
        for (int i = 0; i < locations.size(); i++) {
            Sealed record = waiting.get(i);
            appended.add(new Piece(
                    new ExtentRow(record.offset(), record.length(), record.key(), locations.get(i), 0), record.crc()));
        }
        waiting.clear();
        waitingBytes = 0;
    }
}
