package org.qsfs.metadata.writer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether a lease is held, and who wants to know when it no longer is. Thread-safe. */
public final class LeaseState {

    private final List<Consumer<String>> listeners = new ArrayList<>();
    private volatile boolean held = true;
    private @Nullable String lostBecause;

    public boolean isHeld() {
        return held;
    }

    public void onLost(Consumer<String> listener) {
        String reason;
        synchronized (this) {
            if (held) {
                listeners.add(listener);
                return;
            }
            reason = lostBecause;
        }
        if (reason != null) {
            tell(listener, reason);
        }
    }

    /** Called by whoever finds out first; later calls change nothing. */
    public void lose(String reason) {
        List<Consumer<String>> told;
        synchronized (this) {
            if (!held) {
                return;
            }
            held = false;
            lostBecause = reason;
            told = List.copyOf(listeners);
            listeners.clear();
        }
        told.forEach(listener -> tell(listener, reason));
    }

    /** @return whether the lease was held until now */
    public synchronized boolean release() {
        boolean was = held;
        held = false;
        listeners.clear();
        return was;
    }

    private static void tell(Consumer<String> listener, String reason) {
        Thread.ofVirtual().name("lease lost").start(() -> listener.accept(reason));
    }
}
