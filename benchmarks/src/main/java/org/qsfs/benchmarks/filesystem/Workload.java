package org.qsfs.benchmarks.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Random;

/** What is measured in one place. Each returns its figure in {@link #unit}; they run in the order in which they stand here. */
enum Workload {
    SEQUENTIAL_WRITE("sequential write, 1 MiB, with fsync", "MiB/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            ByteBuffer piece = random(MEBI);
            return perSecond(FILE_MEBIBYTES, () -> {
                try (FileChannel channel = FileChannel.open(
                        place.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
                    for (int i = 0; i < FILE_MEBIBYTES; i++) {
                        channel.write(piece.rewind());
                    }
                    channel.force(true);
                }
            });
        }
    },
    SEQUENTIAL_READ("sequential read of cached data, 1 MiB", "MiB/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            readAll(place);
            return perSecond(FILE_MEBIBYTES, () -> readAll(place));
        }
    },
    RANDOM_WRITE("4 KiB random write, with fsync", "1/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            ByteBuffer piece = random(BLOCK);
            Random random = new Random(1);
            return perSecond(RANDOM_CALLS, () -> {
                try (FileChannel channel = FileChannel.open(place.resolve(FILE), StandardOpenOption.WRITE)) {
                    for (int i = 0; i < RANDOM_CALLS; i++) {
                        channel.write(piece.rewind(), random.nextInt(FILE_MEBIBYTES << 8) * (long) BLOCK);
                    }
                    channel.force(true);
                }
            });
        }
    },
    RANDOM_READ("4 KiB random read of local data", "1/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            readAll(place);
            ByteBuffer piece = ByteBuffer.allocateDirect(BLOCK);
            Random random = new Random(2);
            return perSecond(RANDOM_CALLS, () -> {
                try (FileChannel channel = FileChannel.open(place.resolve(FILE))) {
                    for (int i = 0; i < RANDOM_CALLS; i++) {
                        channel.read(piece.clear(), random.nextInt(FILE_MEBIBYTES << 8) * (long) BLOCK);
                    }
                }
            });
        }
    },
    CREATE("create and close", "1/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            Path directory = Files.createTempDirectory(place, "create");
            return perSecond(FILES, () -> {
                for (int i = 0; i < FILES; i++) {
                    FileChannel.open(
                                    directory.resolve("file-" + i),
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.WRITE)
                            .close();
                }
            });
        }
    },
    UNTAR("untar of the JDK's sources", "s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            Path directory = Files.createTempDirectory(place, "untar");
            long start = System.nanoTime();
            Process tar = new ProcessBuilder("tar", "-xf", tree.toString(), "-C", directory.toString())
                    .inheritIO()
                    .start();
            try {
                if (tar.waitFor() != 0) {
                    throw new IOException("tar failed in " + directory);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return (System.nanoTime() - start) / 1e9;
        }
    },
    STAT("stat of a warm tree", "1/s") {
        @Override
        double run(Path place, Path tree) throws IOException {
            Path directory = Files.createTempDirectory(place, "stat");
            for (int i = 0; i < FILES; i++) {
                Files.createFile(directory.resolve("file-" + i));
            }
            for (int i = 0; i < FILES; i++) {
                Files.readAttributes(directory.resolve("file-" + i), BasicFileAttributes.class);
            }
            return perSecond(FILES, () -> {
                for (int i = 0; i < FILES; i++) {
                    Files.readAttributes(directory.resolve("file-" + i), BasicFileAttributes.class);
                }
            });
        }
    };

    private static final int MEBI = 1 << 20;
    private static final int BLOCK = 4096;
    private static final int FILE_MEBIBYTES = 256;
    private static final int RANDOM_CALLS = 40_000;
    private static final int FILES = 5_000;
    private static final String FILE = "file";

    private final String text;
    private final String unit;

    Workload(String text, String unit) {
        this.text = text;
        this.unit = unit;
    }

    String text() {
        return text;
    }

    String unit() {
        return unit;
    }

    /**
     * @param place a directory on the filesystem to measure
     * @param tree a tar file of a source tree
     */
    abstract double run(Path place, Path tree) throws IOException;

    /** Work that is timed. */
    private interface Timed {
        void run() throws IOException;
    }

    private static double perSecond(int units, Timed work) throws IOException {
        long start = System.nanoTime();
        work.run();
        return units * 1e9 / (System.nanoTime() - start);
    }

    private static void readAll(Path place) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(MEBI);
        try (FileChannel channel = FileChannel.open(place.resolve(FILE))) {
            int read;
            do {
                read = channel.read(piece.clear());
            } while (read > 0);
        }
    }

    private static ByteBuffer random(int length) {
        byte[] bytes = new byte[length];
        new Random(3).nextBytes(bytes);
        return ByteBuffer.allocateDirect(length).put(bytes);
    }
}
