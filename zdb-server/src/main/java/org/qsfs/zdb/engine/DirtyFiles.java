package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.ZdbCrc;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers of the index files that were changed in place since they were last reported to whoever keeps copies of them.
 *
 * <p>0-db has them in memory only, so after a crash its copies stay old (ZDB.md, W22). Here {@code zdb-dirty} has them, too. It is
 * there while the namespace is open: a file that is found at a start tells of a crash. It has a fixed size and is changed in
 * place, so that a full disk is no reason to lose it. What is damaged means all files.
 *
 * <pre>
 * 0  4  checksum of what follows (ZdbCrc)
 * 4  4  count; -1 = all files
 * 8  4  number … , ascending; the rest is 0
 * </pre>
 *
 * <p>Thread-safe.
 */
final class DirtyFiles {
    static final String FILE_NAME = "zdb-dirty";

    private static final Logger LOG = LoggerFactory.getLogger(DirtyFiles.class);
    private static final int BYTES = 4096;
    private static final int MOST = (BYTES - 8) / 4;

    private final FileLayer files;
    private final Path directory;
    private final SortedSet<Integer> numbers = new TreeSet<>();
    private boolean changed;
    private @Nullable OpenFile file;

    DirtyFiles(FileLayer files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    synchronized void mark(int number) {
        changed |= numbers.add(number);
    }

    synchronized SortedSet<Integer> numbers() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(numbers));
    }

    synchronized void mark(SortedSet<Integer> again) {
        changed |= numbers.addAll(again);
    }

    synchronized void reset(SortedSet<Integer> reported) {
        changed |= numbers.removeAll(reported);
    }

    /**
     * The namespace is loaded, up to file {@code last}. What was changed meanwhile counts only after a crash. When the file cannot be
     * written the numbers are in memory only.
     */
    synchronized void begin(int last, boolean durable) throws IOException {
        Path path = directory.resolve(FILE_NAME);
        if (files.exists(path)) {
            read(path, last);
        } else {
            numbers.clear();
        }
        OpenFile opened = null;
        try {
            opened = files.open(path, OpenMode.CREATE);
            opened.write(0, content());
            if (durable) {
                opened.sync();
                files.syncDirectory(directory);
            }
            file = opened;
        } catch (IOException e) {
            LOG.warn("{} cannot be written, so a crash will lose which index files changed: {}", path, e.getMessage());
            if (opened != null) {
                opened.close();
            }
        }
        changed = false;
    }

    private void read(Path path, int last) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (OpenFile found = files.open(path, OpenMode.READ)) {
            for (int n = 0; n >= 0 && bytes.hasRemaining(); ) {
                n = found.read(bytes, bytes.position());
            }
        }
        boolean whole = !bytes.hasRemaining() && ZdbCrc.of(bytes.slice(4, BYTES - 4)) == bytes.getInt(0);
        int count = whole ? bytes.getInt(4) : -1;
        if (count < 0 || count > MOST) {
            for (int number = 0; number <= last; number++) {
                numbers.add(number);
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            int number = bytes.getInt(8 + 4 * i);
            if (number >= 0 && number <= last) {
                numbers.add(number);
            }
        }
    }

    private ByteBuffer content() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        boolean all = numbers.size() > MOST;
        bytes.putInt(4, all ? -1 : numbers.size());
        int at = 8;
        if (!all) {
            for (int number : numbers) {
                bytes.putInt(at, number);
                at += 4;
            }
        }
        return bytes.putInt(0, ZdbCrc.of(bytes.slice(4, BYTES - 4)));
    }

    /** Brings the numbers into the file, before the first change of an index file that they tell of. */
    synchronized void persist(boolean durable) throws IOException {
        OpenFile to = file;
        if (!changed || to == null) {
            return;
        }
        to.write(0, content());
        if (durable) {
            to.sync();
        }
        changed = false;
    }

    /**
     * The namespace is closed.
     *
     * @param reported whether everything is in order and the numbers are handed on
     */
    synchronized void end(boolean reported) throws IOException {
        OpenFile open = file;
        if (open == null) {
            return;
        }
        file = null;
        open.close();
        if (reported) {
            files.delete(directory.resolve(FILE_NAME));
        }
    }
}
