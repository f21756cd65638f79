/**
 * The stor engine: closed segments on backends.
 *
 * <p>{@link org.qsfs.stor.SegmentStore} is the contract, {@link org.qsfs.stor.StorEngine} fulfils it. The parts, each a package:
 *
 * <ul>
 *   <li>{@code segment}: ids, records, states, head, failures; the words of all others
 *   <li>{@code stripe}: shard formats, and the codec between stripes and shards
 *   <li>{@code backend}: who the backends are and how they behave; {@code placement}: which of them get a segment
 *   <li>{@code catalog}: the records of the volume, changed conditionally
 *   <li>{@code read}, {@code upload}, {@code repair}, {@code deletion}, {@code check}: what is done with segments
 *   <li>{@code volume}: what backends hold of the volume as a whole; {@code flow}: memory, precedence, locks
 * </ul>
 *
 * <p>Invariants: the catalog names a place before a shard is written there; a stripe is encrypted once; a shard is believed only after its MAC was checked or the stripe was opened; every wait
 * has a deadline; memory is reserved before it is used. Blocking code on virtual threads; encoding on platform threads.
 */
@NullMarked
package org.qsfs.stor;

import org.jspecify.annotations.NullMarked;
