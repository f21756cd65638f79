package org.qsfs.zdb.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Tells whether a client's next bytes are here, without receiving them. Used by the connection's thread. */
final class Arrivals {
    /** A client on the same machine or in the same rack has its next request here in that time. */
    private static final long AWAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final InputStream source;
    private final BooleanSupplier mayStayAwake;

    /**
     * @param source says how many bytes have arrived
     * @param mayStayAwake whether a processor can be spared for waiting
     */
    Arrivals(InputStream source, BooleanSupplier mayStayAwake) {
        this.source = source;
        this.mayStayAwake = mayStayAwake;
    }

    /** Whether something is here; false also at the end of the input. */
    boolean isThere() throws ClientGoneException {
        try {
            return source.available() > 0;
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /**
     * Waits a moment for the next bytes without going to sleep, where that takes no processor from others: to fall asleep and be
     * woken takes longer than a small request.
     */
    void awaitBriefly() throws ClientGoneException {
        if (mayStayAwake.getAsBoolean()) {
            long start = System.nanoTime();
            while (!isThere() && System.nanoTime() - start < AWAKE_NANOS) {
                Thread.onSpinWait();
            }
        }
    }
}
