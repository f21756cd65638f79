package org.qsfs.fs.handle;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.handle.Handle.OpenDirectory;
import org.qsfs.fs.handle.Handle.OpenFile;

/** What is open, by number. Numbers are not used twice. Safe for many threads. */
public final class Handles {
    private final ConcurrentHashMap<Long, Handle> open = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong(1);

    public long add(Handle handle) {
        long number = next.getAndIncrement();
        open.put(number, handle);
        return number;
    }

    /** @throws FsException EBADF when no file is open under this number */
    public OpenFile file(long number) throws FsException {
        if (open.get(number) instanceof OpenFile file) {
            return file;
        }
        throw new FsException(Errno.EBADF);
    }

    /** A file that is open for writing. */
    public OpenFile writableFile(long number) throws FsException {
        OpenFile file = file(number);
        if (!OpenFlags.writes(file.flags())) {
            throw new FsException(Errno.EBADF, "the file is open for reading only");
        }
        return file;
    }

    /** @throws FsException EBADF when no directory is open under this number */
    public OpenDirectory directory(long number) throws FsException {
        if (open.get(number) instanceof OpenDirectory directory) {
            return directory;
        }
        throw new FsException(Errno.EBADF);
    }

    /** Takes a handle out; null when there is none. */
    public @Nullable Handle remove(long number) {
        return open.remove(number);
    }

    public int count() {
        return open.size();
    }

    /** Some handle that is open, or null; for closing all. */
    public @Nullable Long any() {
        var numbers = open.keySet().iterator();
        return numbers.hasNext() ? numbers.next() : null;
    }
}
