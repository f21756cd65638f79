/**
 * Reading stored segments back.
 *
 * <p>{@link org.qsfs.stor.read.SegmentReader} serves ranges, {@link org.qsfs.stor.read.SegmentFetch} whole segments; both get stripes by {@link
 * org.qsfs.stor.read.ShardGatherer}, which asks the k backends that are likely to be quickest, reads around those that are down, slow or rotten, and reports
 * what it found to {@link org.qsfs.stor.read.DamageReports}. Small parts of a stripe are there before all of it is. Every wait has a deadline, and memory is reserved before a stripe is asked for.
 */
@NullMarked
package org.qsfs.stor.read;

import org.jspecify.annotations.NullMarked;
