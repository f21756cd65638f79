/**
 * A location-addressed, append-only namespace in 0-db's file format.
 *
 * <p>{@link org.qsfs.zdb.log.SegmentLog} is the way in. An entry (key and value) is appended to the active segment, the data
 * file {@code dN}, and found again by its {@link org.qsfs.zdb.log.Location}; no key is kept in memory. A segment that is full
 * or rolled is closed: durable, described by its index file {@code iN}, never changed again. Closed segments may be evicted
 * and are then read through {@link org.qsfs.zdb.log.MissingSegments}.
 *
 * <p>Invariants: a segment is referred to only after its name is durable; bytes after the end of the last whole entry never
 * stay in an active segment; after a failed write or fsync nothing is accepted any more. A cleanly closed log is a valid
 * user-mode namespace of 0-db.
 *
 * <p>Threading: appends are serialised by one lock, reads take none, concurrent syncs share one fdatasync
 * ({@link org.qsfs.zdb.log.GroupCommit}).
 */
@NullMarked
package org.qsfs.zdb.log;

import org.jspecify.annotations.NullMarked;
