package org.qsfs.zdb.engine;

/**
 * One value that was written: equal identities are the same bytes, as long as the process lives. A flush, a reload and a compaction give what they leave other
 * identities, so a version is never mistaken for one of another time.
 *
 * @param store stands for the store that the version is of
 */
public record ValueIdentity(Object store, Version version) {}
