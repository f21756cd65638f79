package org.qsfs.stor.flow;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work in the background that is done again and again until its thread is interrupted. A pass that fails is logged, and the next one comes all the same. */
public final class RepeatedWork {
    private static final Logger LOG = LoggerFactory.getLogger(RepeatedWork.class);

    /** Does it once. */
    @FunctionalInterface
    public interface Pass {
        void run() throws IOException, InterruptedException;
    }

    private RepeatedWork() {}

    /**
     * A thread for it, which is not started.
     *
     * @param name of the thread, for the log as well
     * @param pause before every pass
     */
    public static Thread thread(String name, Duration pause, Pass pass) {
        return Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                while (true) {
                    Thread.sleep(pause);
                    runOnce(name, pass);
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void runOnce(String name, Pass pass) throws InterruptedException {
        try {
            pass.run();
        } catch (IOException failed) {
            LOG.warn("{} failed and will try again: {}", name, failed.toString());
        } catch (RuntimeException unexpected) {
            LOG.warn("{} failed unexpectedly and will try again", name, unexpected);
        }
    }
}
