/**
 * Between the local logs and the stor engine: closed segments are uploaded and published, stored ones evicted and read back.
 *
 * <p>{@code Volume} opens a volume and is what a daemon or an embedding program holds. The {@code UploadQueue} stores closed segments; the {@code Publisher} moves the head
 * when a journal segment and all it needs are stored; the {@code Evictor} frees local disk; {@code StoredSegments} and the {@code StripeCache} serve reads of what is gone;
 * {@code LocalState} remembers which writer's terms this machine wrote.
 *
 * <p>Invariants: a segment leaves the local disk only after every one of its shards was found on its backend; the head only ever shows a journal prefix whose data is
 * stored; nothing is published after another writer was seen. Everything here is thread-safe.
 */
@NullMarked
package org.qsfs.fs.offload;

import org.jspecify.annotations.NullMarked;
