/**
 * Keys, and everything that is done with them.
 *
 * <p>{@link org.qsfs.encryption.VolumeKeys} are the secret of a volume: a root key and one or more versions of a random
 * master key. From a master key are derived, by HKDF-SHA-256,
 *
 * <ul>
 *   <li>{@link org.qsfs.encryption.AttemptKeys}, for one attempt to store one segment: seal and open stripes in pieces
 *       of 64 KiB, authenticate shards;
 *   <li>{@link org.qsfs.encryption.Sealer}, for records of one purpose, each under its own key.
 * </ul>
 *
 * <p>A {@link org.qsfs.encryption.VolumeHeader} keeps the keys of a volume, wrapped for its
 * {@linkplain org.qsfs.encryption.Recipient recipients}; whoever has a matching {@linkplain org.qsfs.encryption.Secret
 * secret} unlocks it.
 *
 * <p>Invariants: no nonce is used twice under one key (counters under attempt keys, fresh keys for records); no byte is
 * returned before it is authenticated; formats are versioned and parsing them has bounds; key material is never in
 * messages or {@code toString} and is wiped by {@code close}.
 *
 * <p>Bulk ciphers come from the JDK; Bouncy Castle is used for Argon2id and ML-KEM only. Threading: all public types are
 * thread-safe, ciphers are not shared between calls.
 */
@NullMarked
package org.qsfs.encryption;

import org.jspecify.annotations.NullMarked;
