package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/** Locks and opens what is secret in a volume header; {@link VolumeHeader} has the table. */
final class HeaderSeal {
    private static final int MAC_BYTES = 32;
    static final int TRAILER_BYTES = MAC_BYTES + Sha256.BYTES;

    private HeaderSeal() {}

    /** Bytes of the sealed keys with so many master keys. */
    static int sealedBytes(int versions) {
        return RawKey.BYTES * (1 + versions) + Gcm.TAG_BYTES;
    }

    static VolumeHeader seal(VolumeKeys keys, long generation, List<Recipient> recipients) {
        try (RawKey headerKey = RawKey.random()) {
            byte[] context = context(keys.volume(), generation);
            List<WrappedRecipient> wrapped = recipients.stream()
                    .map(r -> new WrappedRecipient(r, WrappedKey.wrap(headerKey, r.publicKey(), context)))
                    .toList();
            HeaderBody body =
                    new HeaderBody(keys.volume(), generation, KeyCommitment.of(keys), keys.versions(), wrapped);
            byte[] clear = body.encode();
            byte[] secret = keys.encodeSecrets(body.versions());
            byte[] encoded = Arrays.copyOf(
                    clear, clear.length + sealedBytes(body.versions().size()) + TRAILER_BYTES);
            int macAt = encoded.length - TRAILER_BYTES;
            try {
                Cipher cipher = Gcm.cipher();
                Gcm.start(cipher, Cipher.ENCRYPT_MODE, headerKey, new byte[Gcm.NONCE_BYTES]);
                cipher.updateAAD(clear);
                cipher.doFinal(secret, 0, secret.length, encoded, clear.length);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
            System.arraycopy(mac(keys, encoded, macAt), 0, encoded, macAt, MAC_BYTES);
            int digestAt = macAt + MAC_BYTES;
            System.arraycopy(Sha256.of(encoded, digestAt), 0, encoded, digestAt, Sha256.BYTES);
            return new VolumeHeader(body, encoded);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing a volume header failed", e);
        }
    }

    static VolumeKeys open(HeaderBody body, byte[] encoded, Secret secret) throws UnlockException {
        try (RawKey headerKey = headerKey(body, secret)) {
            VolumeKeys keys = secrets(body, encoded, headerKey);
            int macAt = encoded.length - TRAILER_BYTES;
            byte[] found = Arrays.copyOfRange(encoded, macAt, macAt + MAC_BYTES);
            boolean authentic = KeyCommitment.of(keys).equals(body.commitment())
                    && MessageDigest.isEqual(mac(keys, encoded, macAt), found);
            if (!authentic) {
                keys.close();
                throw tampered(body, "its key commitment or MAC does not match its keys");
            }
            return keys;
        }
    }

    private static RawKey headerKey(HeaderBody body, Secret secret) throws UnlockException {
        boolean asked = false;
        for (WrappedRecipient recipient : body.recipients()) {
            Optional<HybridPrivateKey> candidate = privateKey(recipient.recipient(), secret);
            if (candidate.isPresent()) {
                asked = true;
                try (HybridPrivateKey key = candidate.get()) {
                    if (key.publicKey().equals(recipient.recipient().publicKey())) {
                        return recipient.unwrap(key, context(body.volume(), body.generation()));
                    }
                } catch (AuthenticationFailedException e) {
                    throw tampered(
                            body,
                            "the key wrapped for \"" + recipient.recipient().name() + "\" does not open");
                }
            }
        }
        throw noneFits(body, secret, asked);
    }

    private static Optional<HybridPrivateKey> privateKey(Recipient recipient, Secret secret) {
        return switch (secret) {
            case Passphrase passphrase ->
                recipient instanceof PassphraseRecipient r ? Optional.of(r.privateKey(passphrase)) : Optional.empty();
            case KeyFile keyFile ->
                recipient instanceof PassphraseRecipient ? Optional.empty() : Optional.of(keyFile.privateKey());
        };
    }

    private static UnlockException noneFits(HeaderBody body, Secret secret, boolean asked) {
        String kind = switch (secret) {
            case Passphrase passphrase -> "passphrase";
            case KeyFile keyFile -> "key file";
        };
        if (asked) {
            return new UnlockException(
                    UnlockException.Reason.WRONG_SECRET,
                    "wrong " + kind + " for volume " + body.volume() + " (header generation " + body.generation()
                            + ")");
        }
        return new UnlockException(
                UnlockException.Reason.NO_RECIPIENT,
                "volume " + body.volume() + " has no " + kind + " among its recipients, which are "
                        + body.recipients().stream()
                                .map(r -> r.recipient().name())
                                .toList());
    }

    private static VolumeKeys secrets(HeaderBody body, byte[] encoded, RawKey headerKey) throws UnlockException {
        int sealedBytes = sealedBytes(body.versions().size());
        int sealedAt = encoded.length - TRAILER_BYTES - sealedBytes;
        try {
            Cipher cipher = Gcm.cipher();
            Gcm.start(cipher, Cipher.DECRYPT_MODE, headerKey, new byte[Gcm.NONCE_BYTES]);
            cipher.updateAAD(encoded, 0, sealedAt);
            byte[] plain = cipher.doFinal(encoded, sealedAt, sealedBytes);
            try {
                return VolumeKeys.decodeSecrets(body.volume(), body.versions(), plain);
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        } catch (AEADBadTagException e) {
            throw tampered(body, "its sealed keys do not match their tag");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening a volume header failed", e);
        }
    }

    private static UnlockException tampered(HeaderBody body, String how) {
        return new UnlockException(
                UnlockException.Reason.TAMPERED,
                "the header of volume " + body.volume() + ", generation " + body.generation()
                        + ", was changed by somebody without its keys: " + how + "; read another copy");
    }

    private static byte[] context(VolumeId volume, long generation) {
        return ByteBuffer.allocate(VolumeId.BYTES + Long.BYTES)
                .put(volume.toBytes())
                .putLong(generation)
                .array();
    }

    private static byte[] mac(VolumeKeys keys, byte[] encoded, int length) {
        try (RawKey key = keys.rootKey("qsfs header mac")) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(encoded, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HmacSHA256", e);
        }
    }
}
