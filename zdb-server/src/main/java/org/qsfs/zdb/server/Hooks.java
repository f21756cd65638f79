package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the hook program: {@code PROGRAM event identity arguments…}, without a shell.
 *
 * <p>Queued events run one after the other on a thread of their own, each with a time limit after which the process is ended.
 * {@link #run} is for those that somebody has to wait for. Runs of the last five minutes are remembered, at most 1000.
 */
final class Hooks implements AutoCloseable {
    /**
     * A run of the program.
     *
     * @param started seconds since the epoch
     * @param ended seconds since the epoch, 0 = still running
     * @param status exit status; -1 when it could not be started or took too long
     */
    record Run(String name, List<String> arguments, long pid, long started, long ended, int status) {}

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);
    private static final long REMEMBERED_SECONDS = 300;
    private static final int MOST_REMEMBERED = 1000;

    private final @Nullable Path program;
    private final String identity;
    private final Duration limit;
    private final Deque<Run> runs = new ArrayDeque<>();
    private final ExecutorService queue = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("zdb-hooks").factory());

    /** @param program null = there are no hooks, and every event succeeds at once */
    Hooks(@Nullable Path program, String identity, Duration limit) {
        this.program = program;
        this.identity = identity;
        this.limit = limit;
    }

    boolean isConfigured() {
        return program != null;
    }

    /** Runs the program after the events queued before. */
    void queue(String name, String... arguments) {
        queue(name, status -> {}, arguments);
    }

    /** Like {@link #queue(String, String...)}; {@code then} gets the exit status. */
    void queue(String name, IntConsumer then, String... arguments) {
        if (program != null) {
            CompletableFuture<Void> _ = CompletableFuture.runAsync(() -> then.accept(run(name, arguments)), queue);
        }
    }

    /** Runs the program and returns its exit status. */
    int run(String name, String... arguments) {
        Path executable = program;
        if (executable == null) {
            return 0;
        }
        List<String> command = new ArrayList<>(List.of(executable.toString(), name, identity));
        command.addAll(List.of(arguments));
        long started = seconds();
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Run running = new Run(name, List.of(arguments), process.pid(), started, 0, 0);
            remember(null, running);
            int status = await(process, name);
            remember(running, new Run(name, List.of(arguments), process.pid(), started, seconds(), status));
            return status;
        } catch (IOException e) {
            LOG.warn("hook {} could not be started: {}", name, e.getMessage());
            remember(null, new Run(name, List.of(arguments), 0, started, started, -1));
            return -1;
        }
    }

    private int await(Process process, String name) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            LOG.warn("hook {} did not end within {} and was killed", name, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return -1;
    }

    private void remember(@Nullable Run before, Run run) {
        synchronized (runs) {
            long oldest = seconds() - REMEMBERED_SECONDS;
            while (!runs.isEmpty() && (runs.getFirst().started() < oldest || runs.size() >= MOST_REMEMBERED)) {
                runs.removeFirst();
            }
            if (before == null) {
                runs.addLast(run);
            } else {
                // in place, so that they stay in order of their start
                List<Run> all = new ArrayList<>(runs);
                all.replaceAll(r -> r.equals(before) ? run : r);
                runs.clear();
                runs.addAll(all);
            }
        }
    }

    /** Runs of the last five minutes, oldest first. */
    List<Run> recent() {
        synchronized (runs) {
            long oldest = seconds() - REMEMBERED_SECONDS;
            return runs.stream().filter(r -> r.started() >= oldest).toList();
        }
    }

    private static long seconds() {
        return System.currentTimeMillis() / 1000;
    }

    /** Waits for queued events, up to the limit of one. */
    @Override
    public void close() {
        queue.shutdown();
        try {
            if (!queue.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                queue.shutdownNow();
            }
        } catch (InterruptedException e) {
            queue.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
