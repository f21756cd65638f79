package org.qsfs.fs.journal;

import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.zdb.log.SegmentLogConfig;

/**
 * What a journal is opened with.
 *
 * @param volume whose journal it is; another one's is refused
 * @param epoch term of this writer, not smaller than any epoch in the chain
 * @param data data namespace
 * @param meta meta namespace; key length and framing are set by the journal
 * @param rows index and overlay
 * @param mode what may be done
 * @param firstData new data segments get numbers not below this one, nor below any that is seen
 * @param firstMeta the same for meta segments
 * @param head the segment that the chain ends in: what lies beyond in the local files is void and is removed. Null: the chain ends in the highest local segment
 */
public record JournalConfig(
        VolumeId volume,
        long epoch,
        SegmentLogConfig data,
        SegmentLogConfig meta,
        RowStoreConfig rows,
        Mode mode,
        int firstData,
        int firstMeta,
        @Nullable SegmentLink head) {
    /** What may be done with a volume. */
    public enum Mode {
        /** Everything; refuses a journal that is damaged where it was durable. */
        READ_WRITE,
        /** Nothing is changed but the index. Damage is reported, and what can be read is used. */
        READ_ONLY,
        /** Like {@link #READ_WRITE}, but leaves out what is damaged and makes a checkpoint of the rest. */
        REPAIR
    }

    /** Read-write, with the numbers that the files give. */
    public static JournalConfig of(
            VolumeId volume, long epoch, SegmentLogConfig data, SegmentLogConfig meta, RowStoreConfig rows) {
        return new JournalConfig(volume, epoch, data, meta, rows, Mode.READ_WRITE, 0, 0, null);
    }

    public JournalConfig withMode(Mode wanted) {
        return new JournalConfig(volume, epoch, data, meta, rows, wanted, firstData, firstMeta, head);
    }

    public JournalConfig withFirstSegments(int dataNumber, int metaNumber) {
        return new JournalConfig(volume, epoch, data, meta, rows, mode, dataNumber, metaNumber, head);
    }

    public JournalConfig withHead(SegmentLink end) {
        return new JournalConfig(volume, epoch, data, meta, rows, mode, firstData, firstMeta, end);
    }
}
