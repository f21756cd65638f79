package org.qsfs.stor.upload;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.repair.ShardRegeneration;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;

/**
 * One attempt to store one segment: stripes in parallel, the shards of a stripe in parallel, memory reserved per stripe.
 *
 * <p>A stripe is encrypted once; its values stay in memory until every backend acknowledged its own, or the shard was given up. When a backend fails, {@link
 * Layout} moves its shard to another one; what the failed one had acknowledged before is then made again from k other shards.
 *
 * <p>Used once. {@link #run} blocks; other methods may be called from any thread.
 */
public final class Upload {
    private final StripeCodec codec;
    private final FileChannel file;
    private final Layout layout;
    private final MemoryBudget memory;
    private final RateLimit rate;
    private final ExecutorService encoders;
    private final ForegroundWork foreground;
    private final ShardRegeneration regeneration;
    private final UploadCounters counters;
    private final AtomicInteger stripesDone = new AtomicInteger();

    /** @param encoders platform threads for encoding, so that it does not keep virtual threads from their network work */
    public Upload(
            StripeCodec codec,
            FileChannel file,
            Layout layout,
            MemoryBudget memory,
            RateLimit rate,
            ExecutorService encoders,
            ForegroundWork foreground,
            ShardRegeneration regeneration,
            UploadCounters counters) {
        this.codec = codec;
        this.file = file;
        this.layout = layout;
        this.memory = memory;
        this.rate = rate;
        this.encoders = encoders;
        this.foreground = foreground;
        this.regeneration = regeneration;
        this.counters = counters;
    }

    /** All stripes of the segment. */
    public int stripes() {
        return codec.attempt().layout().stripes();
    }

    /** Stripes of which nothing is left to do. */
    public int stripesDone() {
        return stripesDone.get();
    }

    /**
     * Writes what can be written.
     *
     * @return the place of every shard, PRESENT for those of which every value was acknowledged
     * @throws IOException when the file cannot be read or an intent cannot be recorded
     */
    public List<ShardPlace> run() throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                writeStripes(threads);
                refill();
                return layout.places();
            } finally {
                threads.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "upload of segment " + codec.attempt().segment() + " was interrupted");
        }
    }

    private void writeStripes(ExecutorService threads) throws IOException, InterruptedException {
        int stripeSize = codec.attempt().layout().stripeSize();
        long bytes = StripeCodec.memory(
                stripeSize,
                codec.attempt().policy().minimalShards(),
                codec.attempt().policy().expectedShards());
        List<Future<?>> stripes = new ArrayList<>();
        for (int stripe = 0; stripe < codec.attempt().layout().stripes() && layout.mayReachQuorum(); stripe++) {
            foreground.yieldToReads();
            throwFailureOf(stripes);
            MemoryBudget.Reservation reserved = memory.reserve(bytes);
            boolean started = false;
            try {
                int current = stripe;
                stripes.add(threads.submit(() -> {
                    try (reserved) {
                        writeStripe(current, threads);
                    }
                    return null;
                }));
                started = true;
            } finally {
                if (!started) {
                    reserved.close();
                }
            }
        }
        for (Future<?> stripe : stripes) {
            join(stripe);
        }
    }

    private void writeStripe(int stripe, ExecutorService threads) throws IOException, InterruptedException {
        byte[] plain = codec.takePlain();
        readPlain(stripe, plain);
        byte[][] values = join(encoders.submit(() -> codec.encode(stripe, plain)));
        codec.releasePlain(plain);
        counters.plainBytes.add(codec.attempt().layout().length(stripe));
        List<Future<?>> writes = new ArrayList<>();
        for (ShardSlot slot : layout.slots()) {
            byte[] value = values[slot.shard()];
            writes.add(threads.submit(() -> {
                writeShard(slot, stripe, value);
                return null;
            }));
        }
        for (Future<?> write : writes) {
            join(write);
        }
        codec.releaseValues(values);
        stripesDone.incrementAndGet();
    }

    private void writeShard(ShardSlot slot, int stripe, byte[] value) throws IOException, InterruptedException {
        while (!slot.dead()) {
            ShardSlot.Target target = slot.target();
            rate.acquire(value.length);
            try {
                ShardWriter.write(target.shard(), name(stripe, slot.shard()), value);
                slot.acknowledge(stripe, target.generation());
                counters.shardBytes.add(value.length);
                if (slot.isAt(target.generation())) {
                    return;
                }
            } catch (ZdbException failed) {
                if (layout.move(slot, target, String.valueOf(failed.getMessage()))) {
                    counters.failovers.increment();
                }
            }
        }
    }

    /** Makes the values that went to a backend which failed later, for its successor. */
    private void refill() throws IOException, InterruptedException {
        for (int stripe = 0; stripe < codec.attempt().layout().stripes() && layout.mayReachQuorum(); stripe++) {
            Map<Integer, ShardTarget> targets = new HashMap<>();
            for (ShardSlot slot : layout.slots()) {
                if (!slot.dead() && !slot.has(stripe)) {
                    targets.put(slot.shard(), slot.target().shard());
                }
            }
            if (!targets.isEmpty()) {
                refill(stripe, targets);
            }
        }
    }

    private void refill(int stripe, Map<Integer, ShardTarget> targets) throws IOException {
        try {
            counters.shardBytes.add(regeneration.regenerate(codec, stripe, layout.sources(stripe), targets));
            layout.slots().stream()
                    .filter(slot -> targets.containsKey(slot.shard()))
                    .forEach(slot -> slot.acknowledge(stripe, slot.target().generation()));
        } catch (ShardRegeneration.WriteFailed failed) {
            layout.giveUp(failed.shard(), String.valueOf(failed.getMessage()));
        } catch (StorException.Unreadable unreadable) {
            targets.keySet().forEach(shard -> layout.giveUp(shard, String.valueOf(unreadable.getMessage())));
        }
    }

    private void readPlain(int stripe, byte[] array) throws IOException {
        ByteBuffer plain = ByteBuffer.wrap(array, 0, codec.attempt().layout().length(stripe));
        long offset = codec.attempt().layout().offset(stripe);
        while (plain.hasRemaining()) {
            if (file.read(plain, offset + plain.position()) < 0) {
                throw new EOFException("the file of segment " + codec.attempt().segment() + " ends at byte "
                        + (offset + plain.position()) + ", it had "
                        + codec.attempt().layout().segmentLength() + " when the upload began");
            }
        }
    }

    private ShardName name(int stripe, int shard) {
        return new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard);
    }

    private static void throwFailureOf(List<Future<?>> stripes) throws IOException, InterruptedException {
        for (Future<?> stripe : stripes) {
            if (stripe.state() == Future.State.FAILED) {
                join(stripe);
            }
        }
    }

    private static <T> T join(Future<T> task) throws IOException, InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case IOException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(failed);
            }
        }
    }
}
