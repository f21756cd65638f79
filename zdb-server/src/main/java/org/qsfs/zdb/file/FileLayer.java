package org.qsfs.zdb.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Names of files and directories.
 *
 * <p>Creation, renaming and deletion of a name are durable after {@link #syncDirectory} of its parent directory, not before.
 * A missing file is reported as {@link NoSuchFileException}.
 */
public interface FileLayer {
    /** Opens a file; the caller closes it. */
    OpenFile open(Path file, OpenMode mode) throws IOException;

    /** Creates a directory and its missing parents, and makes their names durable. An existing one is left alone. */
    void createDirectories(Path directory) throws IOException;

    /** Names (not paths) in a directory, in no particular order; empty when there is no such directory. */
    List<String> list(Path directory) throws IOException;

    boolean exists(Path file);

    /** Length in bytes. */
    long size(Path file) throws IOException;

    /** Renames atomically, replacing {@code to}. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file or an empty directory; nothing happens when there is none. */
    void delete(Path file) throws IOException;

    /** Makes the names in a directory durable. */
    void syncDirectory(Path directory) throws IOException;

    /** A hint: nobody is expected to read the file soon, so memory in which the system keeps its durable bytes is better used for others. Reads go on. */
    default void dropCached(Path file) {}

    /** Bytes that may still be written below this directory by an unprivileged user. */
    long usableSpace(Path directory) throws IOException;
}
