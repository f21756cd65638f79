package org.qsfs.benchmarks.filesystem;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code FilesystemComparison DIRECTORY [ROUNDS] [--only TEXT] [--place TEXT]}: in each round every workload runs in every place, one after the other, so that what else the machine does
 * meets all alike; with {@code --only} those whose description contains the text, with {@code --place} the host and the places whose name does. Prints a table of medians with the
 * processor time that the daemon took for a run. Or creates many files in one directory and says how much memory the daemon then takes:
 * {@code FilesystemComparison DIRECTORY memory FILES}.
 */
public final class FilesystemComparison {
    private static final int USUAL_ROUNDS = 3;

    private FilesystemComparison() {}

    public static void main(String[] arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(arguments));
        String only = option(words, "--only");
        String place = option(words, "--place");
        Path directory = Files.createDirectories(Path.of(words.getFirst()));
        if (words.size() == 3) {
            memory(directory, Integer.parseInt(words.get(2)));
            return;
        }
        int rounds = words.size() > 1 ? Integer.parseInt(words.get(1)) : USUAL_ROUNDS;
        List<Workload> workloads = Arrays.stream(Workload.values())
                .filter(workload -> workload.text().contains(only))
                .toList();
        compare(directory, rounds, workloads, place);
    }

    /** Takes an option and its value away from the arguments; empty when it is not there. */
    private static String option(List<String> words, String name) {
        int at = words.indexOf(name);
        if (at < 0) {
            return "";
        }
        words.remove(at);
        return words.remove(at);
    }

    private static void compare(Path directory, int rounds, List<Workload> workloads, String wanted)
            throws IOException {
        Path tree = workloads.contains(Workload.UNTAR) ? sources(directory) : directory;
        List<Place> places = new ArrayList<>();
        try {
            places.add(new Place("host", Files.createDirectory(directory.resolve("host")), null));
            for (MountedBy mounted : MountedBy.values()) {
                if (mounted.text().contains(wanted)) {
                    MountProcess process =
                            MountProcess.start(directory.resolve(mounted.name().toLowerCase(Locale.ROOT)), mounted);
                    places.add(new Place(mounted.text(), process.root(), process));
                }
            }
            // the first round warms everything up and does not count
            for (int round = 0; round <= rounds; round++) {
                for (Workload workload : workloads) {
                    for (Place place : places) {
                        place.run(workload, tree, round > 0);
                    }
                }
                for (Place place : places) {
                    clear(place.root());
                }
            }
        } finally {
            for (Place place : places) {
                place.close();
            }
        }
        print(workloads, places);
    }

    private static void memory(Path directory, int files) throws IOException {
        try (MountProcess mount = MountProcess.start(directory.resolve("memory"), MountedBy.KERNEL)) {
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

    private static void print(List<Workload> workloads, List<Place> places) {
        System.out.println(
                "| | " + String.join(" | ", places.stream().map(Place::name).toList()) + " | unit |");
        System.out.println("|---".repeat(places.size() + 2) + "|");
        for (Workload workload : workloads) {
            StringBuilder line = new StringBuilder("| " + workload.text());
            double host = places.getFirst().figure(workload);
            for (Place place : places) {
                double figure = place.figure(workload);
                line.append(
                        place == places.getFirst()
                                ? String.format(" | %,.2f", figure)
                                : String.format(
                                        " | %,.2f (%.2f ×, %d ms)",
                                        figure, figure / host, place.processorMillis(workload)));
            }
            System.out.println(line + " | " + workload.unit() + " |");
        }
    }
}
