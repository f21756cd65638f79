package org.qsfs.fuse.kernel;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.qsfs.fs.Errno;

/**
 * Requests to interrupt others. There is no reply; the interrupted request is answered, with EINTR if it was waiting.
 *
 * <pre>
 * INTERRUPT  0 unique 8   of the request to interrupt
 * </pre>
 *
 * The kernel sends it as soon as the other request has been handed to a worker, so it may be here before that worker has begun, or after it has answered. The kernel knows which:
 * told EAGAIN by the descriptor that the other request was received from, it sends the interrupt again, and refuses when there was an answer. Of requests that came by a {@link RequestRing} it
 * does not say, so we look some more times.
 */
final class Interrupts {
    /** A worker that has received a request has usually begun by then. */
    private static final Duration BEGINNING = Duration.ofNanos(50_000);

    /** Twice as long before each further look, 50 ms in all: a worker may have to wait for its processor. */
    private static final int LOOKS = 10;

    private final List<KernelWorker> workers = new CopyOnWriteArrayList<>();

    /** Requests of this worker can be interrupted from now on. */
    void concern(KernelWorker worker) {
        workers.add(worker);
    }

    /** The worker has ended. */
    void forget(KernelWorker worker) {
        workers.remove(worker);
    }

    void interrupt(Exchange x) {
        long request = x.longAt(0);
        for (int look = 0; look < LOOKS && !reaches(request); look++) {
            LockSupport.parkNanos(this, BEGINNING.toNanos() << look);
            if (comesAgain(x)) {
                return;
            }
        }
    }

    private boolean reaches(long request) {
        for (KernelWorker worker : workers) {
            if (worker.interruption().interrupt(request)) {
                return true;
            }
        }
        return false;
    }

    private boolean comesAgain(Exchange x) {
        for (KernelWorker worker : workers) {
            if (worker.transport() instanceof DeviceTransport device
                    && x.replyErrorTo(device.descriptor(), Errno.EAGAIN.number())) {
                return true;
            }
        }
        return false;
    }
}
