/**
 * Reed-Solomon erasure coding: any k of n shards give the data back.
 *
 * <p>{@link org.qsfs.erasure.ReedSolomon} is the coder: k data shards and m parity shards, linear over GF(2^8) with the
 * polynomial 0x11D and the matrix of Backblaze's JavaReedSolomon (Vandermonde matrix times the inverse of its top
 * square), so shards are interchangeable with that coder's. It multiplies matrices by means of a
 * {@link org.qsfs.erasure.Kernel}: {@link org.qsfs.erasure.VectorKernel} with the Vector API, or
 * {@link org.qsfs.erasure.ScalarKernel} with byte tables where {@code jdk.incubator.vector} is absent; the latter is
 * also the oracle of the tests.
 *
 * <p>Invariants: the code is systematic (data shards are the data), it works byte by byte (byte i of a parity shard
 * depends only on bytes i of the data shards, so any range of a stripe can be coded alone), and nothing here knows
 * about integrity: a wrong byte in a shard gives wrong bytes, which the shard's MAC must find before.
 *
 * <p>Threading: everything public is immutable or thread-safe; shards belong to the caller during a call.
 */
@NullMarked
package org.qsfs.erasure;

import org.jspecify.annotations.NullMarked;
