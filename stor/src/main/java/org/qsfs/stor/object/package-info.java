/**
 * Single files stored beside the filesystem, under the paths they had, as zstor does it: what backup scripts use.
 *
 * <p>{@link org.qsfs.stor.object.ObjectStore} is the way in. A file is cut into pieces, each piece becomes a segment of the namespace {@code object} and is compressed,
 * encrypted, coded, placed, scrubbed and repaired like every other segment. A {@link org.qsfs.stor.object.StoredObject} in the catalog says which segments belong to a path;
 * every piece says so, too, so that the records can be made again from the pieces alone.
 *
 * <p>Invariants: a record is written when all its pieces are stored, and replaces the one before in one step; pieces without a record are garbage of a store that was
 * interrupted or replaced.
 */
@NullMarked
package org.qsfs.stor.object;

import org.jspecify.annotations.NullMarked;
