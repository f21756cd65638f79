package org.qsfs.stor.placement;

import org.qsfs.stor.segment.BackendId;

/**
 * A backend that a shard may be put on.
 *
 * @param backend its id
 * @param group its group
 * @param weight how much more often it is chosen than others, its free space in bytes for example; at least 1 is assumed
 */
public record Candidate(BackendId backend, String group, long weight) {}
