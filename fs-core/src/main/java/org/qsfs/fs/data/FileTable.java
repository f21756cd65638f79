package org.qsfs.fs.data;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The files that somebody uses: at most one {@link FileData} per inode. Safe for many threads. */
final class FileTable {
    private final ConcurrentHashMap<Long, FileData> files = new ConcurrentHashMap<>();
    private final PagePool pool;

    FileTable(PagePool pool) {
        this.pool = pool;
    }

    /** The content of a file; give it back with {@link #release}. */
    FileData acquire(long inode) {
        FileData found = files.compute(inode, (number, present) -> {
            FileData file = present != null ? present : new FileData(inode, pool);
            file.users++;
            return file;
        });
        return found;
    }

    /** Gives a file back. The last user has flushed it, or has no use for what is dirty. */
    void release(FileData file) {
        files.computeIfPresent(file.inode(), (number, present) -> --present.users == 0 ? null : present);
    }

    /** The file if somebody uses it. */
    @Nullable
    FileData find(long inode) {
        return files.get(inode);
    }

    /** Files with bytes or times that are not in the log. */
    List<Long> dirty() {
        Collection<FileData> all = files.values();
        return all.stream().filter(FileData::isDirty).map(FileData::inode).toList();
    }
}
