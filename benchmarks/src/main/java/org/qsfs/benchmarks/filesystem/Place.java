package org.qsfs.benchmarks.filesystem;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where workloads run, and what they gave there. */
final class Place implements AutoCloseable {
    private final String name;
    private final Path root;
    private final @Nullable MountProcess process;
    private final Map<Workload, List<Double>> figures = new EnumMap<>(Workload.class);
    private final Map<Workload, List<Long>> processorMillis = new EnumMap<>(Workload.class);

    /** @param process serves the place, null when the host's kernel does */
    Place(String name, Path root, @Nullable MountProcess process) {
        this.name = name;
        this.root = root;
        this.process = process;
    }

    String name() {
        return name;
    }

    Path root() {
        return root;
    }

    /** @param counts whether the result is kept */
    void run(Workload workload, Path tree, boolean counts) throws IOException {
        Duration before = processorTime();
        double figure = workload.run(root, tree);
        Duration spent = processorTime().minus(before);
        if (counts) {
            figures.computeIfAbsent(workload, _ -> new ArrayList<>()).add(figure);
            processorMillis.computeIfAbsent(workload, _ -> new ArrayList<>()).add(spent.toMillis());
        }
    }

    private Duration processorTime() {
        return process == null ? Duration.ZERO : process.processorTime();
    }

    /** Median of a workload. */
    double figure(Workload workload) {
        return median(figures.getOrDefault(workload, List.of()));
    }

    /** Median of the processor time that the serving process took for all of a workload. */
    long processorMillis(Workload workload) {
        return median(processorMillis.getOrDefault(workload, List.of()));
    }

    private static <T extends Comparable<T>> T median(List<T> values) {
        List<T> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            process.close();
        }
    }
}
