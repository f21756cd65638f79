package org.qsfs.fs;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.qsfs.fs.data.FileContents;
import org.qsfs.fs.inode.Metadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a mounted volume does by itself: every {@code commit_interval} it puts everything written on disk, and it drops orphans. Two
 * threads; a failure ends them and is logged, since after it nothing can be written any more.
 */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final int ORPHANS_AT_ONCE = 1000;
    private static final long POLL_MILLIS = 10_000;
    private static final long STOP_SECONDS = 60;

    private final Metadata metadata;
    private final FileContents contents;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread committer;
    private final Thread reclaimer;
    private volatile boolean started;

    Housekeeping(Metadata metadata, FileContents contents, Duration commitInterval) {
        this.metadata = metadata;
        this.contents = contents;
        this.committer =
                Thread.ofPlatform().daemon().name("qsfs-commit").unstarted(guarded(() -> commitEvery(commitInterval)));
        this.reclaimer = Thread.ofPlatform().daemon().name("qsfs-reclaim").unstarted(guarded(this::reclaim));
    }

    void start() {
        started = true;
        committer.start();
        reclaimer.start();
    }

    @Override
    public void close() {
        stopped.countDown();
        metadata.orphans().wake();
        if (!started) {
            return;
        }
        try {
            committer.join(Duration.ofSeconds(STOP_SECONDS));
            reclaimer.join(Duration.ofSeconds(STOP_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commitEvery(Duration interval) throws FsException, InterruptedException {
        while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
            contents.flushAll();
            metadata.writeAccessTimes();
            metadata.sync();
        }
    }

    private void reclaim() throws FsException, InterruptedException {
        while (stopped.getCount() > 0) {
            List<Long> orphans = metadata.orphans().take(ORPHANS_AT_ONCE, POLL_MILLIS);
            try {
                contents.dropOrphans(orphans);
            } catch (FsException e) {
                dropOneByOne(orphans, e);
            }
        }
    }

    /** One orphan with damaged rows must not keep the others. */
    private void dropOneByOne(List<Long> orphans, FsException cause) throws FsException {
        if (metadata.isFailed()) {
            throw cause;
        }
        for (long inode : orphans) {
            try {
                contents.dropOrphans(List.of(inode));
            } catch (FsException e) {
                LOG.error("orphan inode {} stays: {}", inode, e.getMessage());
            }
        }
    }

    private interface Loop {
        void run() throws FsException, InterruptedException;
    }

    private Runnable guarded(Loop loop) {
        return () -> {
            try {
                loop.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (FsException | RuntimeException e) {
                // without it nothing would be put on disk any more, or no space freed: say so by failing
                metadata.fail(new IOException(Thread.currentThread().getName() + " ended: " + e.getMessage(), e));
                LOG.error("{} ends: {}", Thread.currentThread().getName(), e.getMessage(), e);
            }
        };
    }
}
