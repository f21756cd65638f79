package org.qsfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fs.FileSystem;

/**
 * What every mount must do, whichever binding and filesystem. System calls that Java does not have come from programs of the system. Pages of the mount are never mapped into
 * this JVM: a page fault in Java code waits for a worker of the same JVM, which a garbage collection may hold up.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class MountContract {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    Path temporary;

    FileSystem fileSystem;
    MountedFileSystem mount;
    Path root;
    Path directory;

    abstract Binding binding();

    /** Makes the filesystem to mount, with what it needs in a directory. */
    abstract FileSystem open(Path state) throws Exception;

    /** Closes it after the unmount. */
    abstract void close() throws Exception;

    abstract int openHandles();

    /** Whether there are inodes that have lost their last name. */
    abstract boolean keepsNamelessInodes();

    MountOptions options(Path mountpoint) {
        return MountOptions.of(mountpoint).withBinding(binding());
    }

    /** Why this machine cannot mount; empty when it can. */
    static String obstacle(Binding binding) {
        if (!Files.isWritable(Path.of("/dev/fuse"))) {
            return "/dev/fuse is missing or not accessible";
        }
        if (binding == Binding.JNR && !Files.exists(Path.of("/usr/bin/fusermount"))) {
            return "libfuse2 and fusermount are not installed";
        }
        return "";
    }

    @BeforeAll
    void mount(@TempDir Path temporaryDirectory) throws Exception {
        temporary = temporaryDirectory;
        String obstacle = obstacle(binding());
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
        root = Files.createDirectory(temporary.resolve("mnt"));
        fileSystem = open(temporary);
        mount = FuseMount.mount(fileSystem, options(root));
    }

    @AfterAll
    void unmount() throws Exception {
        if (mount != null) {
            // what the kernel looked up it forgets when the last name goes: counts that do not agree keep inodes
            directory = root;
            sh("find \"$1\" -mindepth 1 -delete");
            try {
                eventually("every inode is dropped", () -> !keepsNamelessInodes());
            } finally {
                mount.close();
            }
            assertThat(mount.isMounted()).isFalse();
            assertThat(openHandles()).isZero();
            close();
        }
    }

    @BeforeEach
    void newDirectory(TestInfo test) throws IOException {
        directory = Files.createDirectory(
                root.resolve(test.getTestMethod().orElseThrow().getName()));
    }

    static void eventually(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline for: " + what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Runs a shell script with the test's directory as {@code $1}. @return what it printed */
    String sh(String script) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", "set -e; " + script, "bash", directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .as(script)
                .isTrue();
        assertThat(process.exitValue()).as(script + "\n" + output).isZero();
        return output.trim();
    }

    static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void isShownInTheMountTable() throws Exception {
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .contains(root + " ")
                .contains("fuse.qsfs qsfs ");
        assertThat(mount.binding()).isEqualTo(binding());
        assertThat(mount.isMounted()).isTrue();
        assertThat(FuseMount.isStale(root)).isFalse();
    }

    @Test
    void refusesASecondMountAtTheSamePlace() {
        assertThatThrownBy(() -> FuseMount.mount(new MemoryFileSystem(), options(root)))
                .isInstanceOf(MountException.class)
                .hasMessageContaining("already the mountpoint of qsfs");
    }

    @Test
    void writesAndReadsBack() throws Exception {
        Path file = directory.resolve("file");
        byte[] content = bytes(300_000, 1);
        Files.write(file, content);
        assertThat(Files.size(file)).isEqualTo(content.length);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void readsAndWritesAtAnyOffset() throws Exception {
        byte[] model = bytes(700_001, 2);
        Path file = directory.resolve("file");
        Files.write(file, model);
        Random random = new Random(3);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 200; i++) {
                int at = random.nextInt(model.length);
                int length = random.nextInt(Math.min(model.length - at, 200_000) + 1);
                if (random.nextBoolean()) {
                    byte[] piece = bytes(length, i);
                    System.arraycopy(piece, 0, model, at, length);
                    channel.write(ByteBuffer.wrap(piece), at);
                } else {
                    ByteBuffer piece = ByteBuffer.allocate(length);
                    assertThat(channel.read(piece, at)).isEqualTo(length);
                    assertThat(piece.array()).isEqualTo(java.util.Arrays.copyOfRange(model, at, at + length));
                }
            }
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(model);
    }

    @Test
    void appendsFromManyWriters() throws Exception {
        Path file = directory.resolve("log");
        Files.createFile(file);
        runInParallel(4, writer -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
                for (int i = 0; i < 100; i++) {
                    channel.write(
                            ByteBuffer.wrap("%d-%03d\n".formatted(writer, i).getBytes(StandardCharsets.US_ASCII)));
                }
            }
        });
        assertThat(Files.readAllLines(file)).hasSize(400).doesNotHaveDuplicates();
    }

    @Test
    void truncatesOpensWithTruncateAndExtendsWithAHole() throws Exception {
        Path file = directory.resolve("file");
        Files.write(file, bytes(200_000, 4));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(70_000);
            assertThat(Files.size(file)).isEqualTo(70_000);
            channel.write(ByteBuffer.wrap(new byte[] {1}), 5_000_000_000L);
        }
        assertThat(Files.size(file)).isEqualTo(5_000_000_001L);
        assertThat(sh("stat -c %b \"$1/file\""))
                .satisfies(b -> assertThat(Long.parseLong(b)).isLessThan(10_000));
        Files.write(file, new byte[] {7}, StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(Files.readAllBytes(file)).containsExactly(7);
    }

    @Test
    void anOpenFileMayBeTruncatedAfterItsPermissionsAreGone() throws Exception {
        assertThat(
                        sh(
                                "chmod 777 \"$1\"; chmod 755 " + temporary
                                        + "; cd \"$1\"; setpriv --reuid 65534 --regid 65534 --clear-groups"
                                        + " perl -e 'open F, \"+>\", \"f\"; syswrite F, \"12345\"; chmod 0, F; truncate F, 2 or die; print -s F'"))
                .isEqualTo("2");
    }

    @Test
    void renamesFilesAndDirectoriesWithTheirSubtrees() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("a/b/c"));
        Files.writeString(deep.resolve("file"), "deep");
        Files.move(directory.resolve("a"), directory.resolve("z"));
        assertThat(directory.resolve("a")).doesNotExist();
        assertThat(directory.resolve("a/b/c/file")).doesNotExist();
        assertThat(Files.readString(directory.resolve("z/b/c/file"))).isEqualTo("deep");
        Files.writeString(directory.resolve("other"), "other");
        sh("mv -f \"$1/other\" \"$1/z/b/c/file\"");
        assertThat(Files.readString(directory.resolve("z/b/c/file"))).isEqualTo("other");
        assertThat(directory.resolve("other")).doesNotExist();
    }

    @Test
    void removedNamesAreGoneAtOnceAndMayComeBack() throws Exception {
        Path file = directory.resolve("name");
        for (int i = 0; i < 20; i++) {
            assertThat(file).doesNotExist();
            Files.writeString(file, "content " + i);
            assertThat(Files.readString(file)).isEqualTo("content " + i);
            Files.delete(file);
        }
        Path sub = Files.createDirectory(directory.resolve("sub"));
        Files.createFile(sub.resolve("inside"));
        assertThatThrownBy(() -> Files.delete(sub)).isInstanceOf(DirectoryNotEmptyException.class);
        Files.delete(sub.resolve("inside"));
        Files.delete(sub);
        assertThatThrownBy(() -> Files.readString(sub.resolve("inside"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void anOpenFileSurvivesItsLastName() throws Exception {
        Path file = directory.resolve("file");
        Files.writeString(file, "before");
        // fstat, ftruncate, fchmod and futimens on the nameless file too
        String output = sh("exec 3<>\"$1/file\"; rm \"$1/file\"; stat -L -c '%s %h' /proc/self/fd/3; printf after >&3;"
                + " chmod 600 /proc/self/fd/3; touch -d @7 /proc/self/fd/3; truncate -s 3 /proc/self/fd/3;"
                + " stat -L -c '%s %h %a' /proc/self/fd/3; cat /proc/self/fd/3; ls -A \"$1\"");
        assertThat(output.lines()).containsExactly("6 0", "3 0 600", "aft");
        Files.delete(directory);
        eventually("the inode is dropped", () -> !keepsNamelessInodes());
    }

    @Test
    void hardLinksShareOneInode() throws Exception {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        Files.writeString(first, "x");
        assertThat(Files.getAttribute(first, "unix:nlink")).isEqualTo(1);
        Files.createLink(second, first);
        assertThat(Files.getAttribute(first, "unix:nlink")).isEqualTo(2);
        assertThat(Files.getAttribute(first, "unix:ino")).isEqualTo(Files.getAttribute(second, "unix:ino"));
        Files.writeString(second, "through the other name");
        assertThat(Files.readString(first)).isEqualTo("through the other name");
        assertThat(Files.size(first)).isEqualTo(22);
        Files.delete(first);
        assertThat(Files.getAttribute(second, "unix:nlink")).isEqualTo(1);
    }

    @Test
    void symbolicLinksHoldAnyTarget() throws Exception {
        Path link = directory.resolve("link");
        String target = "../" + "d/".repeat(1000) + "end";
        Files.createSymbolicLink(link, Path.of(target));
        assertThat(Files.readSymbolicLink(link)).hasToString(target);
        Files.writeString(directory.resolve("real"), "real");
        Files.createSymbolicLink(directory.resolve("good"), Path.of("real"));
        assertThat(Files.readString(directory.resolve("good"))).isEqualTo("real");
        assertThat(Files.size(directory.resolve("good"))).isEqualTo(4);
    }

    @Test
    void namesKeepTheirBytes() throws Exception {
        String output = sh(
                "cd \"$1\"; n=$(printf 'latin1-\\xe9\\xff\\xfe'); echo content > \"$n\"; cat \"$n\"; ls | od -An -tx1;"
                        + " mv \"$n\" \"$n$n\"; ls | od -An -tx1; ln -s \"$n\" link; readlink -n link | od -An -tx1");
        String name = "6c 61 74 69 6e 31 2d e9 ff fe";
        assertThat(output.replaceAll("\\s+", " "))
                .isEqualTo("content " + name + " 0a " + name + " " + name + " 0a " + name);
        String longest = "n".repeat(255);
        Files.createFile(directory.resolve(longest));
        assertThat(directory.resolve(longest)).exists();
        assertThatThrownBy(() -> Files.createFile(directory.resolve(longest + "n")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("name too long");
    }

    @Test
    void specialFilesOwnersAndModes() throws Exception {
        assertThat(
                        sh(
                                "cd \"$1\"; mkfifo fifo; mknod null c 1 3; stat -c '%F %t %T' fifo null; echo x > null; mkdir d;"
                                        + " chmod 2750 d; stat -c %a d; touch f; chown 12:34 f; stat -c '%u %g' f; umask 077; touch g; stat -c %a g"))
                .isEqualTo("""
                fifo 0 0
                character special file 1 3
                2750
                12 34
                600""");
    }

    @Test
    void timesHaveNanoseconds() throws Exception {
        assertThat(sh("cd \"$1\"; touch -d '2021-02-03 04:05:06.123456789 UTC' f; TZ=UTC stat -c '%y|%x' f;"
                        + " touch -a -d '1969-12-31 23:59:58.000000001 UTC' f; TZ=UTC stat -c '%y|%x' f"))
                .isEqualTo("""
                2021-02-03 04:05:06.123456789 +0000|2021-02-03 04:05:06.123456789 +0000
                2021-02-03 04:05:06.123456789 +0000|1969-12-31 23:59:58.000000001 +0000""");
        Path file = directory.resolve("f");
        long before = System.currentTimeMillis() - 1000;
        sh("touch -m \"$1/f\"");
        assertThat(Files.getLastModifiedTime(file).toMillis()).isGreaterThan(before);
        assertThat(sh("TZ=UTC stat -c %x \"$1/f\"")).startsWith("1969-12-31 23:59:58.000000001");
    }

    @Test
    void writingMovesTheModificationTime() throws Exception {
        Path file = directory.resolve("file");
        Files.writeString(file, "a");
        sh("touch -d @1000 \"$1/file\"");
        assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(1_000_000);
        Files.writeString(file, "b", StandardOpenOption.APPEND);
        assertThat(Files.getLastModifiedTime(file).toMillis()).isGreaterThan(1_000_000);
    }

    @Test
    void extendedAttributes() throws Exception {
        Path file = directory.resolve("file");
        Files.createFile(file);
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        byte[] value = bytes(60_000, 5);
        view.write("large", ByteBuffer.wrap(value));
        view.write("small", ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(view.list()).containsExactlyInAnyOrder("large", "small");
        ByteBuffer read = ByteBuffer.allocate(view.size("large"));
        view.read("large", read);
        assertThat(read.array()).isEqualTo(value);
        assertThatThrownBy(() -> view.read("large", ByteBuffer.allocate(10))).isInstanceOf(IOException.class);
        view.delete("large");
        assertThat(view.list()).containsExactly("small");
        assertThatThrownBy(() -> view.size("large")).isInstanceOf(IOException.class);
    }

    @Test
    void aDirectoryMayChangeWhileItIsListed() throws Exception {
        Set<String> stay =
                IntStream.range(0, 3000).mapToObj(i -> "stays-" + i).collect(Collectors.toCollection(TreeSet::new));
        for (String name : stay) {
            Files.createFile(directory.resolve(name));
        }
        List<String> listed = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            int i = 0;
            for (Path entry : (Iterable<Path>) entries::iterator) {
                listed.add(entry.getFileName().toString());
                Path passing = directory.resolve("passing-" + i++);
                Files.createFile(passing);
                if (i % 2 == 0) {
                    Files.delete(passing);
                }
            }
        }
        assertThat(listed).doesNotHaveDuplicates().containsAll(stay);
        assertThat(sh("ls -a \"$1\" | head -2")).isEqualTo(".\n..");
        assertThat(sh("ls -i \"$1/..\" | grep -w aDirectoryMayChangeWhileItIsListed | awk '{print $1}'"))
                .isEqualTo(sh("stat -c %i \"$1/.\""));
    }

    @Test
    void randomOperationsAndMappedPagesAgreeWithAModel() throws Exception {
        randomOperations(2_000);
    }

    void randomOperations(int count) throws Exception {
        long seed = Long.getLong("qsfs.seed", System.nanoTime());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RandomFileOperations.class.getName(),
                        directory.resolve("file").toString(),
                        Long.toString(seed),
                        Integer.toString(count))
                .redirectErrorStream(true)
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim())
                .as("seed " + seed + "; repeat with -Dqsfs.seed=" + seed)
                .isEqualTo("done " + count);
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void largeSequentialFiles() throws Exception {
        Path file = directory.resolve("large");
        byte[] piece = bytes(1 << 20, 7);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 64; i++) {
                channel.write(ByteBuffer.wrap(piece));
            }
            channel.force(true);
        }
        mount.invalidateInode((Long) Files.getAttribute(file, "unix:ino"));
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer read = ByteBuffer.allocate(1 << 20);
            for (int i = 0; i < 64; i++) {
                read.clear();
                while (read.hasRemaining()) {
                    assertThat(channel.read(read)).isPositive();
                }
                assertThat(read.array()).isEqualTo(piece);
            }
            assertThat(channel.read(read.clear())).isEqualTo(-1);
        }
    }

    @Test
    void manyThreadsAtOnce() throws Exception {
        runInParallel(8, thread -> {
            Path mine = Files.createDirectory(directory.resolve("thread-" + thread));
            for (int i = 0; i < 60; i++) {
                Path file = mine.resolve("f" + i);
                byte[] content = bytes(1 + i * 700, i);
                Files.write(file, content);
                assertThat(Files.readAllBytes(file)).isEqualTo(content);
                Files.move(file, mine.resolve("g" + i));
                if (i % 3 == 0) {
                    Files.delete(mine.resolve("g" + i));
                }
            }
            try (Stream<Path> left = Files.list(mine)) {
                assertThat(left.count()).isEqualTo(40);
            }
        });
    }

    @Test
    void writeBackBringsDirtyPagesOfOpenFilesToTheFilesystem() throws Exception {
        Path file = directory.resolve("file");
        byte[] content = bytes(500_000, 9);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int at = 0; at < content.length; at += 1000) {
                channel.write(ByteBuffer.wrap(content, at, 1000));
            }
            mount.writeBack();
            long inode = (Long) Files.getAttribute(file, "unix:ino");
            long handle = fileSystem.open(org.qsfs.fs.Caller.ROOT, inode, 0);
            ByteBuffer seen = ByteBuffer.allocate(content.length + 1);
            assertThat(fileSystem.read(handle, 0, seen)).isEqualTo(content.length);
            assertThat(java.util.Arrays.copyOf(seen.array(), content.length)).isEqualTo(content);
            fileSystem.release(handle);
        }
    }

    @Test
    void fallocateMakesRoomAndPunchesHoles() throws Exception {
        Path file = directory.resolve("file");
        Files.write(file, bytes(100_000, 8));
        sh("fallocate -l 200000 \"$1/file\"");
        assertThat(Files.size(file)).isEqualTo(200_000);
        sh("fallocate -p -o 10 -l 1000 \"$1/file\"");
        byte[] expected = java.util.Arrays.copyOf(bytes(100_000, 8), 200_000);
        java.util.Arrays.fill(expected, 10, 1010, (byte) 0);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @Test
    void locksExcludeEachOther() throws Exception {
        assertThat(
                        sh(
                                "cd \"$1\"; touch l; exec 3<l; flock 3; flock -n l true && echo taken || echo refused; exec 3<&-; flock -n l echo free"))
                .isEqualTo("refused\nfree");
    }

    @Test
    void statfsTellsTheFiguresOfTheFilesystem() throws Exception {
        assertThat(sh("stat -f -c '%b %S %l' \"$1\"")).isEqualTo((1L << 50) / 4096 + " 4096 255");
        assertThat(Files.getFileStore(directory).type()).isEqualTo("fuse.qsfs");
    }

    @Test
    void theKernelChecksPermissions() throws Exception {
        Path file = directory.resolve("secret");
        Files.writeString(file, "secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        sh("chmod 755 \"$1\"; chmod 755 " + temporary
                + "; ! setpriv --reuid 65534 --regid 65534 --clear-groups cat \"$1/secret\" 2>&1");
        assertThat(sh("chgrp 4242 \"$1/secret\"; chmod 640 \"$1/secret\";"
                        + " setpriv --reuid 65534 --regid 65534 --groups 4242 cat \"$1/secret\""))
                .isEqualTo("secret");
    }

    @Test
    void writingByOthersTakesPrivilegesAway() throws Exception {
        assertThat(sh("chmod 755 \"$1\" " + temporary + "; cd \"$1\"; touch f g h; chmod 6777 f g h; echo root > g;"
                        + " setpriv --reuid 65534 --regid 65534 --clear-groups bash -c 'echo x > f; truncate -s 5 h';"
                        + " stat -c %a f g h"))
                .isEqualTo("777\n6777\n777");
    }

    @Test
    void givingAwayTakesPrivilegesAwayFromAllButDirectories() throws Exception {
        assertThat(
                        sh(
                                "cd \"$1\"; touch f; mkfifo p; mkdir d; chown 65534:65534 f p d; chmod 6777 f p d; chmod 755 . "
                                        + temporary
                                        + "; setpriv --reuid 65534 --regid 65534 --groups 4242 chgrp 4242 f p d; stat -c '%a %g' f p d"))
                .isEqualTo("777 4242\n777 4242\n6777 4242");
    }

    @Test
    void openFilesKeepTheMountBusy() throws Exception {
        try (RandomAccessFile held =
                new RandomAccessFile(directory.resolve("held").toFile(), "rw")) {
            held.write(1);
            assertThatThrownBy(() -> mount.unmount(false))
                    .isInstanceOf(MountException.class)
                    .hasMessageContaining("in use");
        }
        assertThat(Files.exists(directory.resolve("held"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    @Test
    void aChangeBehindTheKernelShowsAfterInvalidation() throws Exception {
        Path file = directory.resolve("file");
        Files.writeString(file, "x");
        assertThat(directory.resolve("later")).doesNotExist();
        long inode = (Long) Files.getAttribute(directory, "unix:ino");
        var name = org.qsfs.fs.FileName.of("later");
        fileSystem.forget(
                fileSystem
                        .makeDirectory(org.qsfs.fs.Caller.ROOT, inode, name, 0700)
                        .inode(),
                1);
        mount.invalidateName(inode, name);
        assertThat(directory.resolve("later")).isDirectory();
        long fileInode = (Long) Files.getAttribute(file, "unix:ino");
        fileSystem.setAttributes(org.qsfs.fs.Caller.ROOT, fileInode, org.qsfs.fs.SetAttributes.ofPermissions(0421));
        mount.invalidateInode(fileInode);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("r---w---x");
    }

    /** A piece of work of one of several threads. */
    interface Task {
        void run(int thread) throws Exception;
    }

    static void runInParallel(int threads, Task task) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                all.add(executor.submit(() -> {
                    task.run(thread);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
