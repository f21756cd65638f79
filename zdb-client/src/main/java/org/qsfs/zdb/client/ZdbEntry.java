package org.qsfs.zdb.client;

/** A key and its value, to be written. An empty key asks a sequential namespace for a new id. */
@SuppressWarnings("ArrayRecordComponent") // a value that is passed on once, never compared
public record ZdbEntry(byte[] key, byte[] value) {}
