package org.qsfs.fs.journal;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.rows.Row;
import org.qsfs.zdb.log.Location;

/**
 * A change of the volume while it is put together: it becomes durable and is replayed as a whole or not at all. For one thread at a time; done with
 * when committed.
 *
 * <p>Arrays are not copied and must not be changed afterwards.
 */
public final class Transaction {
    /** Most bytes of an encoded transaction. Longer work is split into transactions that are each consistent. */
    public static final int MAX_BYTES = 4 << 20;

    private final List<Row> rows = new ArrayList<>();
    private final List<DataRecord> introduced = new ArrayList<>();
    private int bound = TransactionRecord.FIXED_BYTES;
    private long nextInode;
    private long nextDataSequence;
    private long inodes;
    private long bytes;

    /** Sets a row. Later changes of the same row in the same transaction win. */
    public Transaction put(byte[] key, byte[] value) {
        return add(new Row(key, value));
    }

    /** Removes a row, whether it exists or not. */
    public Transaction delete(byte[] key) {
        return add(new Row(key, null));
    }

    /** Adds the change of a row. */
    public Transaction add(Row row) {
        grow(RowChanges.bound(row));
        rows.add(row);
        return this;
    }

    /**
     * Names a record of the data namespace that becomes part of the volume. After a crash the transaction counts only if the record is on disk.
     *
     * @param crc {@code ZdbCrc} of the record's value
     */
    public Transaction introduces(Location dataRecord, int crc) {
        grow(DataRecord.ENCODED_BYTES);
        introduced.add(new DataRecord(dataRecord, crc));
        return this;
    }

    /** The inode number was given away: smaller and equal ones are never given again. */
    public Transaction usesInode(long inode) {
        nextInode = Math.max(nextInode, inode + 1);
        return this;
    }

    /** The sequence number of a data record was given away, like {@link #usesInode}. */
    public Transaction usesDataSequence(long sequence) {
        nextDataSequence = Math.max(nextDataSequence, sequence + 1);
        return this;
    }

    /** How many inodes more (or fewer) there are. */
    public Transaction addInodes(long count) {
        inodes += count;
        return this;
    }

    /** How many bytes more (or fewer) count against the quota. */
    public Transaction addBytes(long count) {
        bytes += count;
        return this;
    }

    /** Bytes that the encoded transaction will not exceed. */
    public int boundBytes() {
        return bound;
    }

    /** Whether another row still fits. */
    public boolean fits(Row row) {
        return bound + RowChanges.bound(row) <= MAX_BYTES;
    }

    public List<Row> rows() {
        return rows;
    }

    List<DataRecord> introduced() {
        return introduced;
    }

    /** The counters behind this transaction. */
    VolumeCounters after(VolumeCounters before) {
        return new VolumeCounters(
                Math.max(before.nextInode(), nextInode),
                Math.max(before.nextDataSequence(), nextDataSequence),
                before.inodes() + inodes,
                before.bytes() + bytes);
    }

    private void grow(int more) {
        if (more > MAX_BYTES - bound) {
            throw new IllegalStateException("transaction of more than %d bytes; split it".formatted(MAX_BYTES));
        }
        bound += more;
    }
}
