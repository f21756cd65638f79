package org.qsfs.zdb.server;

import java.util.concurrent.atomic.LongAdder;

/** Counters of a server since its start. */
final class ServerStatistics {
    final long startMillis = System.currentTimeMillis();
    final LongAdder clients = new LongAdder();
    final LongAdder executed = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder unauthorized = new LongAdder();
    final LongAdder receivedBytes = new LongAdder();
    final LongAdder sentBytes = new LongAdder();
}
