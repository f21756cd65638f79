package org.qsfs.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Writers that take over from each other all the time, and a check of what they managed to commit. */
public final class Fencing {

    private Fencing() {}

    private record Commit(long revision, long epoch) {}

    /**
     * Lets writers compete for some time. Failing calls are fine; a commit of an older epoch after one of a newer is not.
     *
     * @return how many epochs there were
     */
    public static int compete(Supplier<Catalog> open, int writers, Duration time) throws Exception {
        ConcurrentLinkedQueue<Commit> commits = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + time.toNanos();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            String name = "writer " + i;
            CompletableFuture<Void> done = new CompletableFuture<>();
            running.add(done);
            Thread.ofPlatform().start(() -> {
                try (Catalog catalog = open.get()) {
                    while (System.nanoTime() < end) {
                        writeUntilLost(catalog, name, end, commits);
                    }
                    done.complete(null);
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
        }
        for (CompletableFuture<Void> writer : running) {
            writer.get(time.toSeconds() + 40, TimeUnit.SECONDS);
        }
        List<Commit> inOrder = commits.stream()
                .sorted(Comparator.comparingLong(Commit::revision))
                .toList();
        assertThat(inOrder).extracting(Commit::epoch).isSorted();
        assertThat(inOrder).extracting(Commit::revision).doesNotHaveDuplicates();
        int epochs = (int) inOrder.stream().map(Commit::epoch).distinct().count();
        assertThat(epochs).as("takeovers happened").isGreaterThan(1);
        return epochs;
    }

    private static void writeUntilLost(Catalog catalog, String name, long end, ConcurrentLinkedQueue<Commit> commits) {
        try {
            WriterLease lease = catalog.acquire(LeaseRequest.fresh(name).takingOver());
            OptionalLong revision;
            do {
                revision = catalog.commit(CatalogTransaction.begin()
                        .ifHeld(lease)
                        .put("data", (name + System.nanoTime()).getBytes(UTF_8))
                        .build());
                if (revision.isPresent()) {
                    commits.add(new Commit(revision.getAsLong(), lease.epoch()));
                }
            } while (revision.isPresent() && System.nanoTime() < end);
        } catch (CatalogException.Unavailable e) {
            // the next attempt may get through
        }
    }
}
