package org.qsfs.zdb.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counters of a database since it was opened. */
public final class Statistics {
    /** Reads and writes of one kind of file. */
    public static final class Files {
        public final LongAdder readBytes = new LongAdder();
        public final LongAdder readFailed = new LongAdder();
        public final LongAdder writtenBytes = new LongAdder();
        public final LongAdder writeFailed = new LongAdder();
    }

    /** Failed writes of one namespace. */
    public static final class Errors {
        public final AtomicLong count = new AtomicLong();
        /** Seconds since the epoch, 0 = never. */
        public final AtomicLong last = new AtomicLong();

        void add() {
            count.incrementAndGet();
            last.set(System.currentTimeMillis() / 1000);
        }
    }

    public final Files index = new Files();
    public final Files data = new Files();
}
