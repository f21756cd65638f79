package org.qsfs.fuse.session;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.qsfs.fs.FileSystem;

/**
 * The handles that the kernel holds. The kernel releases them in the background and drops what is still queued when a filesystem is unmounted; so those left at
 * the end of a connection are released then.
 */
public final class OpenFiles {
    private record Opened(long inode, boolean writes) {}

    private final FileSystem fileSystem;
    private final Map<Long, Opened> files = new ConcurrentHashMap<>();
    private final Set<Long> directories = ConcurrentHashMap.newKeySet();

    public OpenFiles(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    public void opened(long handle, long inode, boolean writes) {
        files.put(handle, new Opened(inode, writes));
    }

    public void openedDirectory(long handle) {
        directories.add(handle);
    }

    public void release(long handle) {
        files.remove(handle);
        fileSystem.release(handle);
    }

    public void releaseDirectory(long handle) {
        directories.remove(handle);
        fileSystem.releaseDirectory(handle);
    }

    /** Inodes of which the kernel may hold pages that it has not written yet. */
    public Set<Long> inodesOpenForWriting() {
        return files.values().stream()
                .filter(Opened::writes)
                .map(Opened::inode)
                .collect(Collectors.toUnmodifiableSet());
    }

    public void releaseAll() {
        Set.copyOf(files.keySet()).forEach(this::release);
        Set.copyOf(directories).forEach(this::releaseDirectory);
    }
}
