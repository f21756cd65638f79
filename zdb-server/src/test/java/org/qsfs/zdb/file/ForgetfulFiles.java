package org.qsfs.zdb.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory that behave at a crash as a disk may: bytes and names that were not synced are lost, the last write is torn.
 *
 * <p>{@link #crash} gives the state that is found after the crash as a new layer, and makes every later operation on this
 * one fail, like the process that died. Of the unsynced writes of each file a random number survives, in their order; of the
 * first that does not, a random part. Of the names that were not made durable, a random number of changes survives, too.
 *
 * <p>{@link #stopAfter} lets that happen in the middle of an operation. {@link #limitSpace} makes writes fail with ENOSPC after writing what fits; {@link #failNextSync} fails one fsync.
 */
public final class ForgetfulFiles implements FileLayer {
    /** Something that happens in between. */
    public interface Step {
        void run() throws IOException;
    }

    /** A change of a file that is not durable: bytes written at {@code at}, or a truncation when {@code bytes} is null. */
    private record Change(long at, byte @Nullable [] bytes) {}

    /** A change of a name: it now means {@code content}, or nothing. A rename takes the old name away in the same moment. */
    private record NameChange(
            Path name, @Nullable Content content, @Nullable Path away) {}

    private static final class Content {
        private byte[] bytes = new byte[0];
        private int size;
        private byte[] durable = new byte[0];
        private final List<Change> pending = new ArrayList<>();

        void write(long at, byte[] what) {
            int end = (int) at + what.length;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            System.arraycopy(what, 0, bytes, (int) at, what.length);
            size = Math.max(size, end);
        }

        void truncate(long length) {
            if (length < size) {
                Arrays.fill(bytes, (int) length, size, (byte) 0);
                size = (int) length;
            }
        }

        void sync() {
            durable = Arrays.copyOf(bytes, size);
            pending.clear();
        }

        Content afterCrash(Random random) {
            Content found = new Content();
            found.write(0, durable);
            int whole = random.nextInt(pending.size() + 1);
            for (int i = 0; i < pending.size() && i <= whole; i++) {
                Change change = pending.get(i);
                byte[] bytes = change.bytes();
                if (bytes == null) {
                    if (i < whole) {
                        found.truncate(change.at());
                    }
                } else {
                    int kept = i < whole ? bytes.length : random.nextInt(bytes.length + 1);
                    found.write(change.at(), Arrays.copyOf(bytes, kept));
                }
            }
            found.sync();
            return found;
        }
    }

    private final Map<Path, Content> names = new TreeMap<>();
    private final Map<Path, Content> durableNames = new TreeMap<>();
    private final List<NameChange> pendingNames = new ArrayList<>();
    private final List<Path> directories = new ArrayList<>();
    private final List<Path> dropped = new ArrayList<>();
    private long spaceLeft = Long.MAX_VALUE / 2;
    private boolean failSync;
    private @Nullable Step beforeSync;
    private boolean crashed;
    private int changesLeft = Integer.MAX_VALUE;
    private long syncs;

    /** The state found after a power cut at this moment; the same random numbers give the same state. */
    public synchronized ForgetfulFiles crash(Random random) {
        crashed = true;
        Map<Path, Content> found = new TreeMap<>(durableNames);
        int kept = random.nextInt(pendingNames.size() + 1);
        pendingNames.subList(0, kept).forEach(change -> apply(found, change));
        ForgetfulFiles after = new ForgetfulFiles();
        found.forEach((name, content) -> after.names.put(name, content.afterCrash(random)));
        after.durableNames.putAll(after.names);
        after.directories.addAll(directories);
        return after;
    }

    /** Writes fail with ENOSPC once they have taken this many more bytes of new length. */
    public synchronized void limitSpace(long bytes) {
        spaceLeft = bytes;
    }

    /** After so many more changes (writes, syncs, names) every operation fails, as if the process had died there. */
    public synchronized void stopAfter(int changes) {
        changesLeft = changes;
    }

    /** The next fsync of a file fails. */
    public synchronized void failNextSync() {
        failSync = true;
    }

    /** Happens when the next fsync of a file has been asked for, and before it makes anything durable. */
    public synchronized void beforeNextSync(Step step) {
        beforeSync = step;
    }

    /** How many fsyncs of files there were. */
    public synchronized long syncs() {
        return syncs;
    }

    /** All bytes of a file. */
    public synchronized byte[] bytes(Path file) throws IOException {
        Content content = content(file);
        return Arrays.copyOf(content.bytes, content.size);
    }

    /** Bytes at the start of a file that would be found after a crash at this moment; 0 when its name would not. */
    public synchronized long durableLength(Path file) {
        Content content = durableNames.get(file);
        return content == null ? 0 : content.durable.length;
    }

    /** Files whose bytes need not stay in the system's memory, in the order in which that was said. */
    public synchronized List<Path> dropped() {
        return List.copyOf(dropped);
    }

    /** Creates or replaces a file, durably. */
    public synchronized void put(Path file, byte[] bytes) {
        Content content = new Content();
        content.write(0, bytes);
        content.sync();
        names.put(file, content);
        durableNames.put(file, content);
    }

    @Override
    public synchronized OpenFile open(Path file, OpenMode mode) throws IOException {
        alive();
        if (mode == OpenMode.CREATE) {
            changing();
            if (!directories.contains(file.getParent())) {
                throw new NoSuchFileException(file.toString());
            }
            change(new NameChange(file, new Content(), null));
        }
        return new Handle(content(file));
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        alive();
        directories.add(directory);
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        alive();
        return names.keySet().stream()
                .filter(p -> directory.equals(p.getParent()))
                .map(p -> p.getFileName().toString())
                .toList();
    }

    @Override
    public synchronized boolean exists(Path file) {
        return names.containsKey(file);
    }

    @Override
    public synchronized long size(Path file) throws IOException {
        alive();
        return content(file).size;
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        changing();
        change(new NameChange(to, content(from), from));
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        changing();
        if (names.containsKey(file)) {
            change(new NameChange(file, null, null));
        }
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        changing();
        pendingNames.removeIf(change -> {
            boolean inside = directory.equals(change.name().getParent());
            if (inside) {
                apply(durableNames, change);
            }
            return inside;
        });
    }

    @Override
    public synchronized void dropCached(Path file) {
        dropped.add(file);
    }

    @Override
    public synchronized long usableSpace(Path directory) {
        return spaceLeft;
    }

    private void change(NameChange change) {
        apply(names, change);
        pendingNames.add(change);
    }

    private static void apply(Map<Path, Content> to, NameChange change) {
        Content content = change.content();
        if (content == null) {
            to.remove(change.name());
        } else {
            to.put(change.name(), content);
        }
        Path away = change.away();
        if (away != null) {
            to.remove(away);
        }
    }

    private Content content(Path file) throws NoSuchFileException {
        Content content = names.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    private void alive() throws IOException {
        if (crashed) {
            throw new IOException("crashed");
        }
    }

    private void changing() throws IOException {
        alive();
        crashed = changesLeft-- <= 0;
        alive();
    }

    private final class Handle implements OpenFile {
        private final Content content;
        private boolean closed;

        Handle(Content content) {
            this.content = content;
        }

        @Override
        public long size() throws IOException {
            synchronized (ForgetfulFiles.this) {
                check();
                return content.size;
            }
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            synchronized (ForgetfulFiles.this) {
                check();
                if (position >= content.size) {
                    return dst.hasRemaining() ? -1 : 0;
                }
                int count = (int) Math.min(dst.remaining(), content.size - position);
                dst.put(content.bytes, (int) position, count);
                return count;
            }
        }

        @Override
        public void write(long position, ByteBuffer... src) throws IOException {
            synchronized (ForgetfulFiles.this) {
                check();
                changing();
                int total = 0;
                for (ByteBuffer part : src) {
                    total += part.remaining();
                }
                ByteBuffer all = ByteBuffer.allocate(total);
                for (ByteBuffer part : src) {
                    all.put(part);
                }
                long growth = Math.max(0, position + total - content.size);
                boolean full = growth > spaceLeft;
                byte[] bytes = full ? Arrays.copyOf(all.array(), (int) (total - growth + spaceLeft)) : all.array();
                spaceLeft -= full ? spaceLeft : growth;
                content.write(position, bytes);
                content.pending.add(new Change(position, bytes));
                if (full) {
                    throw new IOException("No space left on device");
                }
            }
        }

        @Override
        public void truncate(long length) throws IOException {
            synchronized (ForgetfulFiles.this) {
                check();
                changing();
                spaceLeft += Math.max(0, content.size - length);
                content.truncate(length);
                content.pending.add(new Change(length, null));
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (ForgetfulFiles.this) {
                check();
                changing();
                syncs++;
                Step step = beforeSync;
                if (step != null) {
                    beforeSync = null;
                    step.run();
                }
                if (failSync) {
                    failSync = false;
                    throw new IOException("Input/output error");
                }
                content.sync();
            }
        }

        @Override
        public void close() {
            synchronized (ForgetfulFiles.this) {
                closed = true;
            }
        }

        private void check() throws IOException {
            alive();
            if (closed) {
                throw new ClosedChannelException();
            }
        }
    }
}
