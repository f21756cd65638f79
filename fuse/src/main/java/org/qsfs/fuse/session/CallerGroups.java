package org.qsfs.fuse.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Caller;

/**
 * The supplementary groups of a calling process, read from {@code /proc/PID/status} when first asked for. FUSE does not pass them, reading them costs more than
 * most calls, and few decisions depend on them; so they are never read for the superuser or an owner, and never kept longer than the call, which would show
 * the groups that the process had before. A process that is gone or in another pid namespace has none.
 */
public final class CallerGroups extends AbstractSet<Integer> {
    private final int pid;
    private @Nullable Set<Integer> read;

    private CallerGroups(int pid) {
        this.pid = pid;
    }

    public static Caller caller(int uid, int gid, int pid, int umask) {
        return new Caller(uid, gid, pid, uid == 0 || pid == 0 ? Set.of() : new CallerGroups(pid), umask);
    }

    private Set<Integer> groups() {
        Set<Integer> groups = read;
        if (groups == null) {
            groups = readGroups();
            read = groups;
        }
        return groups;
    }

    private Set<Integer> readGroups() {
        Set<Integer> groups = new HashSet<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("Groups:")) {
                    for (String group :
                            line.substring("Groups:".length()).trim().split("\\s+", -1)) {
                        if (!group.isEmpty()) {
                            groups.add(Integer.parseUnsignedInt(group));
                        }
                    }
                }
            }
        } catch (IOException e) {
            return Set.of();
        }
        return groups;
    }

    @Override
    public boolean contains(Object group) {
        return groups().contains(group);
    }

    @Override
    public Iterator<Integer> iterator() {
        return Set.copyOf(groups()).iterator();
    }

    @Override
    public int size() {
        return groups().size();
    }
}
