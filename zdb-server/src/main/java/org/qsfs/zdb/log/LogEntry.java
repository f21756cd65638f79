package org.qsfs.zdb.log;

import java.nio.ByteBuffer;

/**
 * A whole entry whose checksum is right.
 *
 * @param timestamp seconds, unsigned 32 bit
 */
@SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
public record LogEntry(byte[] key, ByteBuffer value, int timestamp) {}
