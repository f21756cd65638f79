package org.qsfs.zdb.engine;

/** When a write is acknowledged. */
public enum SyncMode {
    /** After the data file is durable; concurrent writers share an fsync. */
    ALWAYS,
    /** At once; made durable in the background, every interval. */
    INTERVAL,
    /** At once; made durable by the system, when it likes, and at a clean stop. */
    NEVER
}
