/**
 * The backends of a volume: who they are ({@link org.qsfs.stor.backend.BackendMarker}), how they behave ({@link org.qsfs.stor.backend.BackendState}), and the calls to
 * them ({@link org.qsfs.stor.backend.Backend}).
 *
 * <p>Reserved keys in a backend's namespace; all other keys are {@link org.qsfs.stor.stripe.ShardName shard names}:
 *
 * <pre>
 * qsfs-backend         {@link org.qsfs.stor.backend.BackendMarker}
 * qsfs-header          the volume header of module encryption, as it is in the catalog
 * qsfs-head            {@link org.qsfs.stor.segment.Head}, sealed with label "head" and the key as associated data
 * </pre>
 *
 * <p>In a sequential namespace the server chooses the keys. There the reserved ones are on the {@link org.qsfs.stor.backend.FrontPage}, and a shard's values under the ids that its record
 * keeps ({@link org.qsfs.stor.segment.ShardKeys}). {@link org.qsfs.stor.backend.KeyScheme} is the difference between the two.
 *
 * <p>Every call has a deadline. A monitor per backend asks for space and health in the background; nobody waits for it.
 */
@NullMarked
package org.qsfs.stor.backend;

import org.jspecify.annotations.NullMarked;
