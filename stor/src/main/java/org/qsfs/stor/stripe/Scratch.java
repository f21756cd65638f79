package org.qsfs.stor.stripe;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the steps between plain bytes and shards need, used again and again. As many sets exist as were in use at once; whoever uses the codec
 * bounds that.
 *
 * <p>Thread-safe.
 */
public final class Scratch implements AutoCloseable {
    private final int stripeSize;
    private final int keep;
    private final BlockingQueue<Arrays> idle = new LinkedBlockingQueue<>();

    /**
     * @param stripeSize plain bytes of the largest stripe
     * @param keep how many unused sets to keep
     */
    public Scratch(int stripeSize, int keep) {
        this.stripeSize = stripeSize;
        this.keep = keep;
    }

    /** One set, of one user at a time. */
    static final class Arrays implements AutoCloseable {
        final byte[] compressed;
        final Compressor compressor = new Compressor();

        Arrays(int stripeSize) {
            this.compressed = new byte[Compressor.bound(stripeSize)];
        }

        @Override
        public void close() {
            compressor.close();
        }
    }

    /** Plain bytes of the largest stripe that the arrays have room for. */
    public int stripeSize() {
        return stripeSize;
    }

    Arrays take() {
        Arrays found = idle.poll();
        return found == null ? new Arrays(stripeSize) : found;
    }

    void giveBack(Arrays arrays) {
        if (idle.size() < keep) {
            idle.add(arrays);
        } else {
            arrays.close();
        }
    }

    /** Frees the unused sets. */
    @Override
    public void close() {
        for (Arrays arrays = idle.poll(); arrays != null; arrays = idle.poll()) {
            arrays.close();
        }
    }
}
