package org.qsfs.fuse.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.system.Processors;
import org.qsfs.fuse.system.SystemCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All rings of a mount: for each processor that the machine may have as many as requests made there may be slow at once. They are opened before the kernel is told that there will be some, because it
 * holds all requests back until each processor has one. None is added later: a refused one would end the others.
 */
final class RequestRings {
    private static final Logger LOG = LoggerFactory.getLogger(RequestRings.class);

    /** The threads of more would only wait. */
    private static final int MOST_PROCESSORS = 8;

    private static final int LEAST_PER_PROCESSOR = 8;

    /** Who wants fewer workers than that for each processor wants few threads. */
    private static final int LEAST_SHARE = 4;

    /** Of a mount whose requests come through the device. */
    static final RequestRings NONE = new RequestRings(0, 0, List.of());

    private final int processors;
    private final int perProcessor;
    private final List<RequestRing> prepared;
    private final CountDownLatch unregistered;
    private volatile boolean refused;

    private RequestRings(int processors, int perProcessor, List<RequestRing> prepared) {
        this.processors = processors;
        this.perProcessor = perProcessor;
        this.prepared = new ArrayList<>(prepared);
        this.unregistered = new CountDownLatch(prepared.size());
    }

    /**
     * {@link #NONE} where they are not wanted or forbidden, or would be too many. Also with the writeback cache: its requests come in the background anyway, and whoever seeks holes waits in a worker until
     * the kernel has sent what it collected, which then may wait in the same queue.
     */
    static RequestRings prepare(MountOptions options) {
        int processors = Processors.possible().orElse(0);
        int share = processors == 0 ? 0 : options.maxWorkers() / processors;
        boolean wanted = options.ioUring() && !options.writebackCache();
        if (!wanted || processors == 0 || processors > MOST_PROCESSORS || share < LEAST_SHARE) {
            return NONE;
        }
        int perProcessor = Math.max(LEAST_PER_PROCESSOR, share);
        List<RequestRing> rings = new ArrayList<>();
        try {
            for (int i = 0; i < processors * perProcessor; i++) {
                rings.add(RequestRing.open(i % processors));
            }
            return new RequestRings(processors, perProcessor, rings);
        } catch (SystemCallException e) {
            LOG.info("requests come through the device: {}", e.getMessage());
            rings.forEach(RequestRing::close);
            return NONE;
        }
    }

    int processors() {
        return processors;
    }

    int perProcessor() {
        return perProcessor;
    }

    boolean isEmpty() {
        return processors == 0;
    }

    /** One that nobody has taken. */
    synchronized RequestRing take(int processor) {
        for (RequestRing ring : prepared) {
            if (ring.processor() == processor) {
                prepared.remove(ring);
                return ring;
            }
        }
        throw new IllegalStateException("processor " + processor + " has more workers than rings");
    }

    void registered() {
        unregistered.countDown();
    }

    void refused(Throwable why) {
        LOG.warn("the kernel refuses a ring: {}", why.getMessage());
        refused = true;
        unregistered.countDown();
    }

    /** Waits until the kernel has taken or refused all. @return whether it has taken all */
    boolean awaitRegistered(Duration limit) throws InterruptedException {
        return unregistered.await(limit.toNanos(), TimeUnit.NANOSECONDS) && !refused;
    }

    /** Closes those that were not taken. */
    synchronized void close() {
        prepared.forEach(RequestRing::close);
        prepared.clear();
    }
}
