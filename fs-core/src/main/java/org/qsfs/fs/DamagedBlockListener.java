package org.qsfs.fs;

/** Told of blocks whose checksum is wrong or that cannot be read. */
@FunctionalInterface
public interface DamagedBlockListener {
    /**
     * A block of a file.
     *
     * @param inode the file
     * @param offset of the block's first byte in the record's file, bytes
     * @param segment number of the data segment
     * @param position of the record in the segment, bytes
     * @param message what was found and expected
     */
    record DamagedBlock(long inode, long offset, int segment, long position, String message) {}

    /**
     * @return whether the segment has been replaced by another copy, so that reading again makes sense
     */
    boolean damaged(DamagedBlock block);

    /** There is no other copy. */
    DamagedBlockListener NO_OTHER_COPY = block -> false;
}
