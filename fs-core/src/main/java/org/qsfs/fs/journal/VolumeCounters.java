package org.qsfs.fs.journal;

/**
 * Numbers about the whole volume that travel in every transaction, as they are behind it.
 *
 * <pre>
 * u8 how many follow (4), then each u64: next inode, next data sequence, inodes, bytes
 * </pre>
 *
 * @param nextInode smallest inode number never used
 * @param nextDataSequence smallest sequence number of a data record never used
 * @param inodes how many exist
 * @param bytes of file content that count against the quota
 */
public record VolumeCounters(long nextInode, long nextDataSequence, long inodes, long bytes) {
    static final int ENCODED_BYTES = 1 + 4 * 8;

    private static final int COUNT = 4;

    /** Of a volume without transactions. */
    public static final VolumeCounters NONE = new VolumeCounters(0, 0, 0, 0);

    void write(FieldWriter out) {
        out.u8(COUNT).u64(nextInode).u64(nextDataSequence).u64(inodes).u64(bytes);
    }

    static VolumeCounters read(FieldReader in) throws JournalFormatException {
        int count = in.u8();
        if (count != COUNT) {
            throw in.wrong("with " + count + " counters; " + COUNT + " expected");
        }
        return new VolumeCounters(in.u64(), in.u64(), in.u64(), in.u64());
    }
}
