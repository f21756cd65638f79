package org.qsfs.fs;

import java.util.Set;

/**
 * Who makes a call.
 *
 * @param uid effective user id
 * @param gid effective group id
 * @param pid process id, 0 when unknown
 * @param groups supplementary groups, may be empty
 * @param umask bits cleared from the mode of a created inode; 0 where the kernel has applied it already
 */
public record Caller(int uid, int gid, int pid, Set<Integer> groups, int umask) {
    /** The superuser, for the product's own work. */
    public static final Caller ROOT = new Caller(0, 0, 0, Set.of(), 0);

    public boolean isSuperuser() {
        return uid == 0;
    }

    public boolean isMember(int group) {
        return gid == group || groups.contains(group);
    }
}
