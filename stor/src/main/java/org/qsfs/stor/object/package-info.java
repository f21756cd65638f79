/**
 * Single files stored beside the filesystem, under the paths they had, as zstor does it: what backup scripts use.
 *
 * <p>{@link org.qsfs.stor.object.ObjectStore} is the way in. A file is cut into pieces, each piece becomes a segment of the namespace {@code object} and is compressed,
 * encrypted, coded, placed, scrubbed and repaired like every other segment. A {@link org.qsfs.stor.object.StoredObject} in the catalog says which segments belong to a path;
 * every piece says so, too, so that the records can be made again from the pieces alone.
 *
 * <p>Invariants: the catalog names pieces before they are written, as garbage; when all are stored, one transaction makes them the object and what the object was before garbage. Only what
 * the catalog calls garbage is deleted: pieces without any record are of a catalog that was lost, and are left to {@link org.qsfs.stor.object.ObjectStore#rebuildRecords}.
 */
@NullMarked
package org.qsfs.stor.object;

import org.jspecify.annotations.NullMarked;
