package org.qsfs.stor.backend;

import java.time.Duration;

/**
 * Deadlines and limits towards backends.
 *
 * @param connect opening a connection
 * @param read reading one value
 * @param write writing or deleting one value
 * @param probe one question of the monitor
 * @param probeInterval pause between two looks of the monitor at a backend
 * @param connections calls under way at once per backend, for reads and for writes each
 * @param reserveBytes a backend with less free space than that counts as full
 */
public record PoolSettings(
        Duration connect,
        Duration read,
        Duration write,
        Duration probe,
        Duration probeInterval,
        int connections,
        long reserveBytes) {
    /** 3 s to connect, 10 s to read, 30 s to write, 3 s to probe, every 5 s, 8 connections, 64 MiB. */
    public static final PoolSettings DEFAULT = new PoolSettings(
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            8,
            64L << 20);
}
