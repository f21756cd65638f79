package org.qsfs.metadata.local;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.HolderRecord;
import org.qsfs.metadata.writer.LeaseState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Held as long as the process lives (by a lock on a file of its own) and nobody else is written down as the holder. */
final class LocalWriterLease implements WriterLease {

    private static final Logger log = LoggerFactory.getLogger(LocalWriterLease.class);

    private final LocalLeases origin;
    private final HolderRecord record;
    private final long holderRevision;
    private final ExclusiveFile alive;
    private final LeaseState state = new LeaseState();
    private final AtomicBoolean gone = new AtomicBoolean();

    LocalWriterLease(LocalLeases origin, HolderRecord record, long holderRevision, ExclusiveFile alive) {
        this.origin = origin;
        this.record = record;
        this.holderRevision = holderRevision;
        this.alive = alive;
    }

    LocalLeases origin() {
        return origin;
    }

    /** The revision at which we became the holder; another one means that somebody else is. */
    long holderRevision() {
        return holderRevision;
    }

    void lose(String reason) {
        state.lose(reason);
        origin.lost(this);
        letGo();
    }

    @Override
    public long epoch() {
        return record.epoch();
    }

    @Override
    public String holder() {
        return record.holder();
    }

    @Override
    public boolean isHeld() {
        return state.isHeld();
    }

    @Override
    public void onLost(Consumer<String> listener) {
        state.onLost(listener);
    }

    @Override
    public void release() {
        if (state.release()) {
            origin.released(this);
            letGo();
        }
    }

    private void letGo() {
        if (gone.getAndSet(true)) {
            return;
        }
        try {
            alive.delete();
            alive.close();
        } catch (IOException e) {
            log.warn("cannot remove the lock file of {}: {}", record.holder(), e.toString());
        }
    }
}
