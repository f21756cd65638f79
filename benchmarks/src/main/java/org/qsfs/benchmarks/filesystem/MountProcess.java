package org.qsfs.benchmarks.filesystem;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FileSystemConfig;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.SpaceReservation;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalConfig;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.fuse.FuseMount;
import org.qsfs.fuse.MountedFileSystem;
import org.qsfs.zdb.log.SegmentLogConfig;

/** A volume without backends, mounted by a process with the daemon's memory settings: {@code MountProcess DIRECTORY MOUNTED_BY}. It ends when its input does. */
final class MountProcess implements AutoCloseable {
    private static final String MOUNTED = "mounted";
    private static final Duration END = Duration.ofSeconds(60);

    private final Path root;
    private final Process process;

    private MountProcess(Path root, Process process) {
        this.root = root;
        this.process = process;
    }

    static MountProcess start(Path directory, MountedBy mountedBy) throws IOException {
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        Process process = new ProcessBuilder(List.of(
                        java.toString(),
                        "-Xmx384m",
                        "-XX:MaxDirectMemorySize=160m",
                        "-XX:+UseG1GC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path", ""),
                        MountProcess.class.getName(),
                        directory.toString(),
                        mountedBy.name()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        while (line != null && !line.equals(MOUNTED)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new IOException("the mount process of " + directory + " ended before it had mounted");
        }
        return new MountProcess(directory.resolve("mnt"), process);
    }

    Path root() {
        return root;
    }

    /** Resident memory of the daemon in MiB. */
    long residentMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
            }
        }
        throw new IOException("no VmRSS of process " + process.pid());
    }

    /** Processor time that the daemon has taken so far. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Path root = Files.createDirectories(directory.resolve("mnt"));
        Path data = directory.resolve("data");
        Path index = directory.resolve("index");
        VolumeId id = VolumeId.random();
        var recovered = Journal.open(JournalConfig.of(
                id,
                1,
                SegmentLogConfig.of(data, index, "v-data"),
                SegmentLogConfig.of(data, index, "v-meta"),
                RowStoreConfig.of(directory.resolve("rows"), id.toString(), "boot")));
        try (QsfsFileSystem volume = QsfsFileSystem.open(
                        FileSystemConfig.DEFAULT,
                        recovered,
                        SpaceReservation.UNLIMITED,
                        DamagedBlockListener.NO_OTHER_COPY);
                MountedFileSystem mount =
                        FuseMount.mount(volume, MountedBy.valueOf(arguments[1]).options(root))) {
            System.out.println(MOUNTED);
            int input;
            do {
                input = System.in.read();
            } while (input >= 0);
            mount.unmount(false);
        } finally {
            recovered.journal().close();
        }
    }
}
