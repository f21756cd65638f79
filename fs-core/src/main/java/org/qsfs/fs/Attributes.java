package org.qsfs.fs;

/**
 * What {@code stat(2)} tells of an inode.
 *
 * @param inode inode number, 1 is the root directory
 * @param type file type
 * @param permissions the low 12 bits of the mode: rwx for user, group, others, set-user-id, set-group-id, sticky
 * @param links number of names; 2 plus sub-directories for a directory
 * @param size bytes; length of the target for a symbolic link
 * @param blocks 512-byte blocks that really hold data (holes do not count)
 * @param device device number for character and block devices, else 0
 * @param created birth time, never changes
 */
public record Attributes(
        long inode,
        FileType type,
        int permissions,
        int links,
        int uid,
        int gid,
        long size,
        long blocks,
        int device,
        Timestamp accessed,
        Timestamp modified,
        Timestamp changed,
        Timestamp created) {

    /** {@code st_mode}. */
    public int mode() {
        return type.mode() | permissions;
    }

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }
}
