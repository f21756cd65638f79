package org.qsfs.stor.read;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.AttemptId;

/**
 * Decoded stripes in memory, least recently used ones dropped first, and single flight: of several readers of a stripe that is not there, one load serves all.
 *
 * <p>Loads run on threads of their own, so that a reader which is interrupted does not fail the others. Thread-safe.
 */
final class StripeCache {
    private final long capacity;
    private final LinkedHashMap<Key, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Key, StripeLoad> loading = new ConcurrentHashMap<>();
    private long bytes;

    /** A stripe of an attempt; other attempts of the segment have other contents. */
    record Key(AttemptId attempt, int stripe) {}

    /** Fetches a stripe. */
    interface Loader {
        /** @param arrivals sees its shards as they come */
        byte[] load(Arrivals arrivals) throws IOException;
    }

    /** @param capacity bytes to keep; 0 keeps nothing and still shares loads */
    StripeCache(long capacity) {
        this.capacity = capacity;
    }

    /** A stripe if it is in memory. */
    synchronized Optional<byte[]> find(Key key) {
        return Optional.ofNullable(kept.get(key));
    }

    /** A part of a stripe, which starts to load unless it is there or being loaded. */
    CompletableFuture<ByteBuffer> start(Key key, int from, int length, Loader loader) {
        Optional<byte[]> found = find(key);
        if (found.isPresent()) {
            return CompletableFuture.completedFuture(ByteBuffer.wrap(found.get(), from, length));
        }
        StripeLoad fresh = new StripeLoad();
        CompletableFuture<ByteBuffer> part = fresh.part(from, length);
        StripeLoad before = loading.putIfAbsent(key, fresh);
        if (before != null) {
            return before.part(from, length);
        }
        start(key, fresh, loader);
        return part;
    }

    /**
     * Starts to load a stripe that nobody waits for yet. When that fails, whoever asks for it later tries again.
     *
     * @return false when it is there or being loaded
     */
    boolean ahead(Key key, Loader loader) {
        StripeLoad fresh = new StripeLoad();
        if (find(key).isPresent() || loading.putIfAbsent(key, fresh) != null) {
            return false;
        }
        start(key, fresh, loader);
        return true;
    }

    private void start(Key key, StripeLoad fresh, Loader loader) {
        Thread.ofVirtual().name("stripe-load").start(() -> load(key, loader, fresh));
    }

    /** Waits for a part of a stripe that was started. */
    static ByteBuffer await(CompletableFuture<ByteBuffer> load, Duration longest) throws IOException {
        try {
            return load.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException cause
                    ? cause
                    : new IOException("reading a stripe failed", failed.getCause());
        } catch (TimeoutException late) {
            throw new IOException("reading a stripe took longer than " + longest.toMillis() + " ms", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading a stripe was interrupted");
        }
    }

    private void load(Key key, Loader loader, StripeLoad result) {
        byte @Nullable [] loaded = null;
        Throwable failure = null;
        try {
            loaded = loader.load(result);
            keep(key, loaded);
        } catch (IOException | RuntimeException | OutOfMemoryError failed) {
            failure = failed;
        } finally {
            loading.remove(key);
            if (loaded != null) {
                result.whole().complete(loaded);
            } else {
                result.whole()
                        .completeExceptionally(failure == null ? new IOException("the load ended early") : failure);
            }
        }
    }

    private synchronized void keep(Key key, byte[] stripe) {
        if (stripe.length > capacity) {
            return;
        }
        byte[] before = kept.put(key, stripe);
        bytes += stripe.length - (before == null ? 0 : before.length);
        var oldest = kept.entrySet().iterator();
        while (bytes > capacity && oldest.hasNext()) {
            bytes -= oldest.next().getValue().length;
            oldest.remove();
        }
    }
}
