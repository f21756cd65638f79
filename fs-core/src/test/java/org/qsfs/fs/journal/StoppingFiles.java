package org.qsfs.fs.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;

/** Files that stop working after a number of changes: each write, truncation, fsync, creation, renaming, deletion counts as one. */
final class StoppingFiles implements FileLayer {
    private final FileLayer files;
    private final AtomicLong left;

    StoppingFiles(FileLayer files, long changes) {
        this.files = files;
        this.left = new AtomicLong(changes);
    }

    /** Changes that may still be made; negative after the stop. */
    long left() {
        return left.get();
    }

    private void change() throws IOException {
        if (left.decrementAndGet() < 0) {
            throw new IOException("stopped");
        }
    }

    @Override
    public OpenFile open(Path file, OpenMode mode) throws IOException {
        if (mode == OpenMode.CREATE) {
            change();
        }
        return new StoppingFile(files.open(file, mode));
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        change();
        files.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public boolean exists(Path file) {
        return files.exists(file);
    }

    @Override
    public long size(Path file) throws IOException {
        return files.size(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        change();
        files.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        change();
        files.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        change();
        files.syncDirectory(directory);
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return files.usableSpace(directory);
    }

    private final class StoppingFile implements OpenFile {
        private final OpenFile file;

        private StoppingFile(OpenFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            return file.read(dst, position);
        }

        @Override
        public void write(long position, ByteBuffer... src) throws IOException {
            change();
            file.write(position, src);
        }

        @Override
        public void truncate(long length) throws IOException {
            change();
            file.truncate(length);
        }

        @Override
        public void sync() throws IOException {
            change();
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
