package org.qsfs.benchmarks.filesystem;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.qsfs.fuse.Binding;

/**
 * {@code FilesystemComparison DIRECTORY [ROUNDS]}: in each round every workload runs in every place, one after the other, so that what else the machine does meets all alike. Prints a
 * table of medians, or creates many files in one directory and says how much memory the daemon then takes: {@code FilesystemComparison DIRECTORY memory FILES}.
 */
public final class FilesystemComparison {
    private static final int USUAL_ROUNDS = 3;

    private FilesystemComparison() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        if (arguments.length == 3) {
            memory(directory, Integer.parseInt(arguments[2]));
            return;
        }
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : USUAL_ROUNDS;
        Path tree = sources(directory);
        Map<String, Map<Workload, List<Double>>> results = new LinkedHashMap<>();
        Path host = Files.createDirectory(directory.resolve("host"));
        try (MountProcess kernel = MountProcess.start(directory.resolve("kernel"), Binding.KERNEL, false);
                MountProcess writeback = MountProcess.start(directory.resolve("writeback"), Binding.KERNEL, true);
                MountProcess jnr = MountProcess.start(directory.resolve("jnr"), Binding.JNR, false)) {
            Map<String, Path> places = new LinkedHashMap<>();
            places.put("host", host);
            places.put("kernel", kernel.root());
            places.put("kernel, writeback", writeback.root());
            places.put("jnr", jnr.root());
            // the first round warms everything up and does not count
            for (int round = 0; round <= rounds; round++) {
                for (Workload workload : Workload.values()) {
                    for (Map.Entry<String, Path> place : places.entrySet()) {
                        double figure = workload.run(place.getValue(), tree);
                        if (round > 0) {
                            results.computeIfAbsent(place.getKey(), _ -> new EnumMap<>(Workload.class))
                                    .computeIfAbsent(workload, _ -> new ArrayList<>())
                                    .add(figure);
                        }
                    }
                }
                for (Path place : places.values()) {
                    clear(place);
                }
            }
        }
        print(results);
    }

    private static void memory(Path directory, int files) throws IOException {
        try (MountProcess mount = MountProcess.start(directory.resolve("memory"), Binding.KERNEL, false)) {
            Path large = Files.createDirectory(mount.root().resolve("large"));
            long start = System.nanoTime();
            for (int i = 0; i < files; i++) {
                FileChannel.open(large.resolve("file-" + i), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                        .close();
            }
            long created = System.nanoTime();
            long resident = mount.residentMegabytes();
            long listed;
            try (Stream<Path> entries = Files.list(large)) {
                listed = entries.count();
            }
            System.out.printf(
                    "%,d files in one directory created at %,.0f/s; resident memory of the daemon %d MiB; %,d of them listed in %.1f s%n",
                    files, files * 1e9 / (created - start), resident, listed, (System.nanoTime() - created) / 1e9);
        }
    }

    /** The sources of the running JDK as a tar file, or of its modules' legal texts and headers where it has no sources. */
    private static Path sources(Path directory) throws IOException {
        Path home = Path.of(System.getProperty("java.home", ""));
        Path tar = directory.resolve("sources.tar");
        Path archive = home.resolve("lib/src.zip");
        Path tree = Files.createDirectory(directory.resolve("sources"));
        if (Files.exists(archive)) {
            run("unzip", "-q", archive.toString(), "-d", tree.toString());
            run("tar", "-cf", tar.toString(), "-C", tree.toString(), ".");
        } else {
            run("tar", "-cf", tar.toString(), "-C", home.toString(), "legal", "include", "conf");
        }
        clear(tree);
        return tar;
    }

    private static void run(String... command) throws IOException {
        try {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void clear(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder())
                    .filter(path -> !path.equals(root))
                    .toList()) {
                Files.delete(path);
            }
        }
    }

    private static void print(Map<String, Map<Workload, List<Double>>> results) {
        System.out.println("| | " + String.join(" | ", results.keySet()) + " | unit |");
        for (Workload workload : Workload.values()) {
            StringBuilder line = new StringBuilder("| " + workload.text());
            double host = 0;
            for (Map<Workload, List<Double>> of : results.values()) {
                double median = median(of.getOrDefault(workload, List.of()));
                if (host == 0) {
                    host = median;
                    line.append(String.format(" | %,.2f", median));
                } else {
                    line.append(String.format(" | %,.2f (%.2f ×)", median, median / host));
                }
            }
            System.out.println(line + " | " + workload.unit() + " |");
        }
    }

    private static double median(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
