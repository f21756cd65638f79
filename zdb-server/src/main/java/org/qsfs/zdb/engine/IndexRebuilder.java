package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.Mode;

/**
 * Writes all index files of a namespace again from its data files, by replaying each as a start replays the active one. The old
 * index files are kept in a directory beside them.
 */
public final class IndexRebuilder {
    private static final int OPEN_FILES = 16;

    private final FileLayer files;
    private final Path dataDirectory;
    private final Path indexDirectory;

    public IndexRebuilder(FileLayer files, Path dataDirectory, Path indexDirectory) {
        this.files = files;
        this.dataDirectory = dataDirectory;
        this.indexDirectory = indexDirectory;
    }

    /**
     * Rebuilds the index.
     *
     * @return what could not be taken over, for people; empty when everything was
     * @throws IOException when a data file is missing or is none; the old index is untouched then
     */
    public List<String> rebuild(Mode mode) throws IOException {
        int count = 0;
        while (files.exists(dataDirectory.resolve(DataFormat.fileName(count)))) {
            count++;
        }
        if (count == 0) {
            throw new IOException(
                    dataDirectory + " has no data file d0; the index is made of all data files from d0 on");
        }
        for (String name : files.list(dataDirectory)) {
            if (name.matches("d[0-9]{1,9}") && Integer.parseInt(name.substring(1)) > count) {
                throw new IOException(dataDirectory + ": " + name + " is there but d" + count
                        + " is missing; restore it, all data files are needed");
            }
        }
        Path fresh = indexDirectory.resolve("rebuilt");
        files.createDirectories(fresh);
        List<String> problems = write(mode, count, fresh);
        exchange(fresh);
        return problems;
    }

    private List<String> write(Mode mode, int count, Path directory) throws IOException {
        List<String> problems = new ArrayList<>();
        IndexFiles index = new IndexFiles(files, directory, mode, OPEN_FILES);
        DataFiles data = new DataFiles(files, dataDirectory, OPEN_FILES, Offload.NONE);
        Statistics statistics = new Statistics();
        Store store = mode == Mode.USER
                ? new UserStore(index, data, SyncMode.NEVER, statistics)
                : new SequentialStore(index, data, SyncMode.NEVER, statistics);
        try (index;
                data) {
            for (int number = 0; number < count; number++) {
                Path path = data.path(number);
                DataTail tail;
                try (OpenFile file = files.open(path, OpenMode.READ)) {
                    tail = DataTail.find(file, number, path);
                    if (tail.end() < file.size()) {
                        problems.add("%s: %d bytes behind %d are no entries and are left out"
                                .formatted(path, file.size() - tail.end(), tail.end()));
                    }
                }
                data.resume(number, tail.end(), tail.lastEntry());
                index.create(number, false);
                store.replay(tail.end());
                index.write();
                index.applyPatches(Long.MAX_VALUE);
            }
            index.sync();
        }
        files.syncDirectory(directory);
        return problems;
    }

    private void exchange(Path fresh) throws IOException {
        Path old = indexDirectory.resolve("replaced-" + Instant.now().getEpochSecond());
        files.createDirectories(old);
        for (String name : files.list(indexDirectory)) {
            if (name.matches("i[0-9]{1,9}")) {
                files.rename(indexDirectory.resolve(name), old.resolve(name));
            }
        }
        // last first: until i0 is there the namespace does not look complete
        List<String> names = new ArrayList<>(files.list(fresh));
        names.sort((a, b) -> b.length() != a.length() ? b.length() - a.length() : b.compareTo(a));
        for (String name : names) {
            files.rename(fresh.resolve(name), indexDirectory.resolve(name));
        }
        files.delete(fresh);
        files.syncDirectory(indexDirectory);
    }

    /** The mode that an index file says, {@link Mode#USER} when there is none that can be read. */
    public Mode mode() throws IOException {
        for (String name : files.list(indexDirectory)) {
            if (name.matches("i[0-9]{1,9}")) {
                try (OpenFile file = files.open(indexDirectory.resolve(name), OpenMode.READ)) {
                    java.nio.ByteBuffer header = java.nio.ByteBuffer.allocate(IndexFormat.HEADER_BYTES);
                    file.readFully(header, 0);
                    return IndexFormat.checkHeader(header.flip(), Integer.parseInt(name.substring(1)), name);
                } catch (IOException e) {
                    // another one may be readable
                }
            }
        }
        return Mode.USER;
    }
}
