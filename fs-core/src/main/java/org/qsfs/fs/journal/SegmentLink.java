package org.qsfs.fs.journal;

import org.qsfs.stor.segment.Sha256;

/**
 * A closed meta segment as its successor names it.
 *
 * @param segment number
 * @param epoch of its writer
 * @param hash SHA-256 of its file
 */
public record SegmentLink(int segment, long epoch, Sha256 hash) {}
