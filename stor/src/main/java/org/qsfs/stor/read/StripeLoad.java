package org.qsfs.stor.read;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.AttemptKeys;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.StripeCodec;

/**
 * A stripe on its way. Who wants a small part of it has it as soon as the data shards that hold the part are here; the rest goes on for the next
 * ones. Thread-safe.
 */
final class StripeLoad implements Arrivals {
    /** Longer parts wait for the whole: to open them twice would cost more than it wins. */
    private static final int LONGEST_PART = 4 * AttemptKeys.PIECE_BYTES;

    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final Queue<Part> parts = new ConcurrentLinkedQueue<>();

    private byte[] @Nullable [] dataShards = new byte[0][];

    private record Part(int from, int length, CompletableFuture<ByteBuffer> early) {}

    /** The plain bytes of all of it. To be completed by who loads it. */
    CompletableFuture<byte[]> whole() {
        return whole;
    }

    /** Some of its plain bytes; fails when the whole fails before. Who asks before the load starts misses no shard. */
    CompletableFuture<ByteBuffer> part(int from, int length) {
        CompletableFuture<ByteBuffer> late = whole.thenApply(stripe -> ByteBuffer.wrap(stripe, from, length));
        if (length > LONGEST_PART || whole.isDone()) {
            return late;
        }
        CompletableFuture<ByteBuffer> early = new CompletableFuture<>();
        parts.add(new Part(from, length, early));
        return late.applyToEither(early, bytes -> bytes);
    }

    @Override
    public BitSet awaited(StripeCodec codec, int stripe) {
        BitSet shards = new BitSet();
        parts.forEach(part -> shards.or(codec.shardsOf(stripe, part.from, part.length)));
        return shards;
    }

    @Override
    public synchronized void arrived(StripeCodec codec, ShardHeader header, byte[] value) {
        int k = codec.attempt().policy().minimalShards();
        if (header.shard() >= k) {
            return;
        }
        dataShards = Arrays.copyOf(dataShards, k);
        dataShards[header.shard()] = value;
        for (Iterator<Part> waiting = parts.iterator(); waiting.hasNext(); ) {
            Part part = waiting.next();
            Optional<byte[]> bytes = codec.decodePart(header, dataShards, part.from, part.length);
            if (bytes.isPresent()) {
                part.early.complete(ByteBuffer.wrap(bytes.get()));
                waiting.remove();
            }
        }
    }
}
