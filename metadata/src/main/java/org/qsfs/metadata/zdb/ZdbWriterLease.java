package org.qsfs.metadata.zdb;

import java.util.function.Consumer;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.HolderRecord;
import org.qsfs.metadata.writer.LeaseState;

/** Held until it is released or somebody else is written down as the holder. */
final class ZdbWriterLease implements WriterLease {
    private final ZdbLeases origin;
    private final HolderRecord record;
    private final LeaseState state = new LeaseState();

    ZdbWriterLease(ZdbLeases origin, HolderRecord record) {
        this.origin = origin;
        this.record = record;
    }

    ZdbLeases origin() {
        return origin;
    }

    String token() {
        return record.token();
    }

    void lose(String reason) {
        state.lose(reason);
        origin.lost(this);
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
        }
    }
}
