package org.qsfs.metadata;

import java.util.function.Consumer;

/**
 * The right to write a volume. It is renewed in the background until it is released or lost; a lost lease never comes back,
 * but the same epoch may be acquired again as long as nobody took over.
 *
 * <p>Time is measured by a clock that counts suspend: after a laptop was closed for an hour the lease is lost at once, not an
 * hour later.
 *
 * <p>Thread-safe.
 */
public interface WriterLease extends AutoCloseable {

    long epoch();

    String holder();

    /** False once the lease was released, lost, or may have been lost. Costs no communication. */
    boolean isHeld();

    /**
     * Has a listener called with the reason, on a thread of its own, when the lease is lost; at once when it was lost already.
     * Not called after {@link #release}.
     */
    void onLost(Consumer<String> listener);

    /**
     * Gives the right up so that others need not wait until it expires. Does its best within the catalog's deadline and does not
     * throw when the catalog cannot be reached.
     */
    void release();

    /** Same as {@link #release}. */
    @Override
    default void close() {
        release();
    }
}
