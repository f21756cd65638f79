package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads at once: nothing is lost, nothing hangs, and what is left is sound. */
@Timeout(60)
class ConcurrencyTest {
    private static final Caller ROOT = Caller.ROOT;

    private static FileSystemConfig busy() {
        return TestVolume.quiet().withCommitInterval(Duration.ofMillis(2)).withDirtyBytes(2 << 20);
    }

    private static void inParallel(List<Callable<Void>> tasks) throws Exception {
        // as a mount has them: readers that never wait would keep virtual threads of writers from running at all
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Void>> results = new ArrayList<>();
            for (Callable<Void> task : tasks) {
                results.add(threads.submit(task));
            }
            for (Future<Void> result : results) {
                result.get(50, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aReaderNeverSeesZerosWhereBytesWereWritten() throws Exception {
        try (TestVolume volume = TestVolume.create(busy())) {
            QsfsFileSystem fs = volume.fs();
            long handle = fs.create(ROOT, FileSystem.ROOT, FileName.of("file"), 0644, OpenFlags.READ_WRITE)
                    .handle();
            int size = 300_000;
            fs.write(handle, 0, ByteBuffer.wrap(filled(size, (byte) 1)));
            AtomicBoolean stop = new AtomicBoolean();
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int seed = i;
                tasks.add(() -> {
                    Random random = new Random(seed);
                    for (int n = 0; n < 1500; n++) {
                        int length = 1 + random.nextInt(n % 50 == 0 ? 150_000 : 9000);
                        byte value = (byte) (1 + random.nextInt(100));
                        fs.write(handle, random.nextInt(size - length), ByteBuffer.wrap(filled(length, value)));
                    }
                    stop.set(true);
                    return null;
                });
            }
            for (int i = 0; i < 3; i++) {
                int seed = 100 + i;
                tasks.add(() -> {
                    Random random = new Random(seed);
                    while (!stop.get()) {
                        int length = 1 + random.nextInt(50_000);
                        int offset = random.nextInt(size - length);
                        byte[] read = volume.read(handle, offset, length);
                        assertThat(read).hasSize(length).doesNotContain((byte) 0);
                    }
                    return null;
                });
            }
            inParallel(tasks);
            volume.assertSound();
        }
    }

    @Test
    void appendsOfManyWritersDoNotOverwriteEachOther() throws Exception {
        try (TestVolume volume = TestVolume.create(busy())) {
            QsfsFileSystem fs = volume.fs();
            long inode = volume.makeFile("/log", new byte[0]);
            int writers = 8;
            int records = 200;
            int length = 700;
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                byte value = (byte) (i + 1);
                tasks.add(() -> {
                    long handle = fs.open(ROOT, inode, OpenFlags.WRITE_ONLY | OpenFlags.APPEND);
                    for (int n = 0; n < records; n++) {
                        fs.write(handle, 0, ByteBuffer.wrap(filled(length, value)));
                    }
                    fs.release(handle);
                    return null;
                });
            }
            inParallel(tasks);
            byte[] content = volume.content("/log");
            assertThat(content).hasSize(writers * records * length);
            int[] counts = new int[writers + 1];
            for (int at = 0; at < content.length; at += length) {
                byte[] record = java.util.Arrays.copyOfRange(content, at, at + length);
                assertThat(record).isEqualTo(filled(length, content[at]));
                counts[content[at]]++;
            }
            assertThat(counts).startsWith(0).endsWith(records);
            volume.assertSound();
        }
    }

    @Test
    void everythingAtOnceLeavesASoundVolume() throws Exception {
        try (TestVolume volume = TestVolume.create(busy())) {
            QsfsFileSystem fs = volume.fs();
            for (String directory : List.of("a", "b", "c")) {
                volume.makeDirectory("/" + directory, 0755);
            }
            List<Callable<Void>> tasks = new ArrayList<>();
            AtomicLong done = new AtomicLong();
            for (int i = 0; i < 8; i++) {
                Random random = new Random(i);
                tasks.add(() -> {
                    for (int n = 0; n < 400; n++) {
                        try {
                            randomCall(volume, fs, random);
                            done.incrementAndGet();
                        } catch (FsException e) {
                            assertThat(e.errno())
                                    .isIn(
                                            Errno.ENOENT,
                                            Errno.EEXIST,
                                            Errno.ENOTEMPTY,
                                            Errno.EISDIR,
                                            Errno.ENOTDIR,
                                            Errno.EINVAL,
                                            Errno.ESTALE,
                                            Errno.EPERM);
                        }
                    }
                    return null;
                });
            }
            inParallel(tasks);
            assertThat(done.get()).isGreaterThan(100);
            volume.assertSound();
            volume.remount();
            volume.assertSound();
        }
    }

    private static void randomCall(TestVolume volume, QsfsFileSystem fs, Random random) throws FsException {
        long directory = volume.inode("/" + "abc".charAt(random.nextInt(3)));
        FileName name = FileName.of("n" + random.nextInt(4));
        long other = volume.inode("/" + "abc".charAt(random.nextInt(3)));
        FileName otherName = FileName.of("n" + random.nextInt(4));
        switch (random.nextInt(9)) {
            case 0 -> forget(fs, fs.makeDirectory(ROOT, directory, name, 0755));
            case 1 -> fs.unlink(ROOT, directory, name);
            case 2 -> fs.removeDirectory(ROOT, directory, name);
            case 3 -> fs.rename(ROOT, directory, name, other, otherName, random.nextInt(3));
            case 4 -> {
                Attributes found = fs.lookup(ROOT, directory, name);
                try {
                    forget(fs, fs.link(ROOT, found.inode(), other, otherName));
                } finally {
                    forget(fs, found);
                }
            }
            case 5 -> {
                Attributes found = fs.lookup(ROOT, directory, name);
                try {
                    fs.setAttributes(ROOT, found.inode(), SetAttributes.ofSize(random.nextInt(100_000)));
                } finally {
                    forget(fs, found);
                }
            }
            default -> {
                FileSystem.Created created = fs.create(ROOT, directory, name, 0644, OpenFlags.READ_WRITE);
                try {
                    fs.write(created.handle(), random.nextInt(200_000), ByteBuffer.allocate(random.nextInt(50_000)));
                    if (random.nextInt(4) == 0) {
                        fs.fsync(created.handle(), false);
                    }
                    if (random.nextInt(4) == 0) {
                        fs.allocate(created.handle(), random.nextInt(100_000), 1 + random.nextInt(50_000), 3);
                    }
                    if (random.nextInt(4) == 0) {
                        fs.copyRange(created.handle(), 0, created.handle(), 300_000, 20_000);
                    }
                    fs.unlink(ROOT, directory, name);
                    fs.read(created.handle(), 0, ByteBuffer.allocate(1000));
                } finally {
                    fs.release(created.handle());
                    forget(fs, created.attributes());
                }
            }
        }
    }

    private static void forget(QsfsFileSystem fs, Attributes attributes) {
        fs.forget(attributes.inode(), 1);
    }

    private static byte[] filled(int length, byte value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, value);
        return bytes;
    }
}
