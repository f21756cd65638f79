package org.qsfs.benchmarks.zdb;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.qsfs.benchmarks.zdb.Contender.Kind;

/**
 * Prints two tables in Markdown: of every load the throughput, the server's processor time per request in microseconds and the
 * ratio of the throughput to Redis' (median of the rounds' ratios); and what a million keys cost.
 *
 * <pre>ServerComparison [--rounds N] [--slot MILLIS] [--keys N] [--only TEXT] [--dir DIRECTORY]</pre>
 */
public final class ServerComparison {
    private static final int[] SIZES = {64, 4 << 10, 128 << 10, 1 << 20};
    /** Requests in a pipeline: as many as a client would have on their way, and at most 8 MiB. */
    private static final int[] DEPTHS = {64, 64, 16, 8};

    /** Slots of every load before the first that counts: the compiler needs some seconds. */
    private static final int WARM_UPS = 12;

    private final int rounds;
    private final long slotNanos;
    private final int keys;
    private final String only;
    private final Path directory;
    private final PrintStream out;

    private ServerComparison(int rounds, long slotNanos, int keys, String only, Path directory, PrintStream out) {
        this.rounds = rounds;
        this.slotNanos = slotNanos;
        this.keys = keys;
        this.only = only;
        this.directory = directory;
        this.out = out;
    }

    /** Runs everything; exit status 1 when a server does not do what it is asked for. */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> all = Arrays.asList(args);
        String dir = option(all, "--dir", "");
        Path directory = dir.isEmpty() ? Files.createTempDirectory("zdb-vs-redis") : Path.of(dir);
        ServerComparison comparison = new ServerComparison(
                Integer.parseInt(option(all, "--rounds", "7")),
                Long.parseLong(option(all, "--slot", "500")) * 1_000_000,
                Integer.parseInt(option(all, "--keys", "1000000")),
                option(all, "--only", ""),
                directory,
                new PrintStream(System.out, true, StandardCharsets.UTF_8));
        comparison.throughput();
        if (comparison.keys > 0) {
            comparison.keys();
        }
    }

    private static String option(List<String> args, String name, String otherwise) {
        int at = args.indexOf(name);
        return at < 0 || at + 1 == args.size() ? otherwise : args.get(at + 1);
    }

    private void throughput() throws IOException, InterruptedException {
        out.println(
                "| load | redis everysec, 1/s | µs | zdb interval, 1/s | µs | ratio | zdb always, 1/s | µs | ratio |");
        out.println("|---|---|---|---|---|---|---|---|---|");
        for (int s = 0; s < SIZES.length; s++) {
            List<Load> loads = new ArrayList<>();
            for (boolean write : new boolean[] {true, false}) {
                for (int connections : new int[] {1, 16}) {
                    for (int depth : new int[] {1, DEPTHS[s]}) {
                        Load load = new Load(write, SIZES[s], connections, depth);
                        if (load.label().contains(only)) {
                            loads.add(load);
                        }
                    }
                }
            }
            if (!loads.isEmpty()) {
                measure(loads);
            }
        }
    }

    private void measure(List<Load> loads) throws IOException, InterruptedException {
        Map<Kind, Contender> contenders = new EnumMap<>(Kind.class);
        try {
            for (Kind kind : Kind.values()) {
                Contender contender = new Contender(kind, directory.resolve(kind.name()));
                contenders.put(kind, contender);
                Load.fill(
                        contender.port(),
                        0,
                        loads.getFirst().keys(),
                        loads.getFirst().valueBytes());
            }
            // until the code that every load needs is compiled
            for (int i = 0; i < WARM_UPS; i++) {
                for (Load load : loads) {
                    for (Contender contender : contenders.values()) {
                        load.run(contender.port(), slotNanos, -1 - i);
                    }
                }
            }
            for (Load load : loads) {
                out.println(row(load, contenders));
            }
        } finally {
            for (Contender contender : contenders.values()) {
                contender.close();
            }
        }
    }

    /** What a contender did in all rounds of a load. */
    private static final class Score {
        private final double[] rates;
        private double cpuSeconds;
        private long requests;

        Score(int rounds) {
            rates = new double[rounds];
        }

        double microsPerRequest() {
            return cpuSeconds * 1e6 / requests;
        }
    }

    private String row(Load load, Map<Kind, Contender> contenders) throws IOException, InterruptedException {
        Map<Kind, Score> scores = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            scores.put(kind, new Score(rounds));
        }
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : contenders.values()) {
                Score score = scores.getOrDefault(contender.kind(), new Score(rounds));
                double cpuBefore = contender.cpuSeconds();
                Load.Result result = load.run(contender.port(), slotNanos, round);
                score.rates[round] = result.perSecond();
                score.requests += result.requests();
                score.cpuSeconds += contender.cpuSeconds() - cpuBefore;
            }
        }
        Score redis = scores.getOrDefault(Kind.REDIS, new Score(rounds));
        StringBuilder row = new StringBuilder(
                "| %s | %,.0f | %.1f |".formatted(load.label(), median(redis.rates), redis.microsPerRequest()));
        for (Kind kind : List.of(Kind.ZDB_INTERVAL, Kind.ZDB_ALWAYS)) {
            Score score = scores.getOrDefault(kind, new Score(rounds));
            row.append(" %,.0f | %.1f | **%.2f** |"
                    .formatted(
                            median(score.rates), score.microsPerRequest(), median(ratios(score.rates, redis.rates))));
        }
        return row.toString();
    }

    private static double[] ratios(double[] of, double[] to) {
        double[] ratios = new double[of.length];
        for (int i = 0; i < of.length; i++) {
            ratios[i] = of[i] / to[i];
        }
        return ratios;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Keys of 14 bytes with values of 64: storing them, memory, and the time of a start. */
    private void keys() throws IOException {
        out.println();
        out.println("| %,d keys of 14 bytes, values of 64 | stored in, s | memory per key, bytes | start, s |"
                .formatted(keys));
        out.println("|---|---|---|---|");
        for (Kind kind : new Kind[] {Kind.REDIS, Kind.ZDB_INTERVAL}) {
            try (Contender contender = new Contender(kind, directory.resolve(kind.name()))) {
                // a tenth first, so that compiled code is not counted as keys
                long start = System.nanoTime();
                Load.fill(contender.port(), 0, keys / 10, 64);
                long before = contender.residentBytes();
                Load.fill(contender.port(), keys / 10, keys, 64);
                double seconds = (System.nanoTime() - start) / 1e9;
                long stored = contender.residentBytes();
                double restart = contender.restart();
                out.println("| %s | %.1f | %d | %.1f |"
                        .formatted(kind.label(), seconds, (stored - before) / (keys - keys / 10), restart));
            }
        }
    }
}
