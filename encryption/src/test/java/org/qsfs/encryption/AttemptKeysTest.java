package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptKeysTest {
    private static final int PIECE = 65_536;
    private static final byte[] DATA = "associated".getBytes(StandardCharsets.UTF_8);
    private static final AttemptId ATTEMPT = new AttemptId(1, 2);

    private final VolumeKeys volume = VolumeKeys.generate(VolumeId.random());

    private AttemptKeys attempt() throws UnknownKeyVersionException {
        return volume.attempt(1, ATTEMPT, (byte) 0, 7);
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] sealed(int stripe, byte[] plain) throws UnknownKeyVersionException {
        byte[] sealed = new byte[AttemptKeys.sealedLength(plain.length)];
        assertThat(attempt().seal(stripe, DATA, plain, 0, plain.length, sealed, 0))
                .isEqualTo(sealed.length);
        return sealed;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 16",
        "1, 1, 17",
        "65535, 1, 65551",
        "65536, 1, 65552",
        "65537, 2, 65569",
        "131072, 2, 131104",
        "4194304, 64, 4195328"
    })
    void lengthsAreThoseOfTheFormat(int plain, int pieces, int sealed) {
        assertThat(AttemptKeys.pieceCount(plain)).isEqualTo(pieces);
        assertThat(AttemptKeys.sealedLength(plain)).isEqualTo(sealed);
        assertThat(AttemptKeys.pieceOffset(pieces)).isGreaterThanOrEqualTo(sealed);
        assertThat(AttemptKeys.pieceOffset(pieces - 1)).isLessThan(sealed);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void impossibleLengthsAreRefused(int plain) {
        assertThatThrownBy(() -> AttemptKeys.sealedLength(plain)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 40)
    void whatIsSealedOpens(
            @ForAll @IntRange(max = 3 * PIECE + 20) int length,
            @ForAll @IntRange(max = 99) int inOffset,
            @ForAll @IntRange(max = 99) int outOffset,
            @ForAll @IntRange(max = AttemptKeys.MAX_STRIPES - 1) int stripe)
            throws EncryptionException {
        byte[] plain = random(inOffset + length, length);
        byte[] sealed = new byte[outOffset + AttemptKeys.sealedLength(length) + 3];
        int sealedLength = attempt().seal(stripe, DATA, plain, inOffset, length, sealed, outOffset);
        byte[] opened = new byte[inOffset + length];
        assertThat(attempt().open(stripe, DATA, sealed, outOffset, sealedLength, opened, inOffset))
                .isEqualTo(length);
        assertThat(Arrays.equals(plain, inOffset, plain.length, opened, inOffset, opened.length))
                .isTrue();
        assertThat(Arrays.copyOf(sealed, outOffset)).isEqualTo(new byte[outOffset]);
        assertThat(Arrays.copyOfRange(sealed, outOffset + sealedLength, sealed.length))
                .isEqualTo(new byte[3]);
    }

    /** Written against the format table, without the product's code. */
    @Test
    void theFormatIsAsDocumented() throws EncryptionException, GeneralSecurityException {
        byte[] plain = random(PIECE + 100, 3);
        RawKey sealKey = RawKey.owning(random(32, 1));
        RawKey macKey = RawKey.owning(random(32, 2));
        byte[] actual = new byte[AttemptKeys.sealedLength(plain.length)];
        byte[] actualMac = new byte[16];
        try (AttemptKeys keys = new AttemptKeys(ATTEMPT, sealKey, macKey)) {
            keys.seal(0x01020304 >> 8, DATA, plain, 0, plain.length, actual, 0);
            keys.shardMac(5, 255, plain, 1, 1000, actualMac, 0);
        }

        byte[] second = gcm(
                random(32, 1),
                new byte[] {0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 1},
                concat(DATA, new byte[] {0, 0, 0, 1, 0, 0, 0, 2}),
                Arrays.copyOfRange(plain, PIECE, plain.length));
        assertThat(Arrays.copyOfRange(actual, PIECE + 16, actual.length)).isEqualTo(second);

        byte[] mac = gcm(
                random(32, 2),
                new byte[] {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, (byte) 255},
                Arrays.copyOfRange(plain, 1, 1001),
                new byte[0]);
        assertThat(actualMac).isEqualTo(mac);
    }

    @Test
    void somePiecesOpenAlone() throws EncryptionException {
        byte[] plain = random(2 * PIECE + 77, 1);
        byte[] sealed = sealed(9, plain);
        AttemptKeys keys = attempt();
        for (int first = 0; first < 3; first++) {
            for (int end = first + 1; end <= 3; end++) {
                byte[] out = new byte[1 + plain.length];
                int opened = keys.openPieces(9, DATA, first, end, only(sealed, first, end), sealed.length, out, 1);
                int from = first * PIECE;
                assertThat(opened).isEqualTo(Math.min(plain.length, end * PIECE) - from);
                assertThat(Arrays.equals(out, 1, 1 + opened, plain, from, from + opened))
                        .isTrue();
            }
        }
    }

    /** Fails when it is asked for another piece. */
    private static AttemptKeys.PieceSource only(byte[] sealed, int first, int end) {
        return (at, piece, count) -> {
            assertThat(at).isBetween(AttemptKeys.pieceOffset(first), AttemptKeys.pieceOffset(end) - 1);
            System.arraycopy(sealed, at, piece, 0, count);
        };
    }

    @Test
    void aPieceOfAnotherPlaceOrStripeDoesNotOpen() throws EncryptionException {
        byte[] sealed = sealed(9, random(2 * PIECE + 77, 1));
        AttemptKeys keys = attempt();
        byte[] out = new byte[2 * PIECE];
        assertThatThrownBy(() -> keys.openPieces(
                        9,
                        DATA,
                        1,
                        2,
                        (at, piece, count) -> System.arraycopy(sealed, 0, piece, 0, count),
                        sealed.length,
                        out,
                        0))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("piece 1 of 3 of stripe 9");
        assertThat(out).containsOnly(0);
        assertThatThrownBy(() -> keys.openPieces(9, DATA, 0, 1, only(sealed, 0, 1), 2 * PIECE + 32, out, 0))
                .isInstanceOf(AuthenticationFailedException.class);
        assertThatThrownBy(() -> keys.openPieces(8, DATA, 0, 1, only(sealed, 0, 1), sealed.length, out, 0))
                .isInstanceOf(AuthenticationFailedException.class);
        assertThatThrownBy(() -> keys.openPieces(9, DATA, 2, 4, only(sealed, 2, 3), sealed.length, out, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aStripeIsSealedOnlyOnce() throws EncryptionException {
        AttemptKeys keys = attempt();
        byte[] out = new byte[116];
        keys.seal(3, DATA, new byte[100], 0, 100, out, 0);
        assertThatThrownBy(() -> keys.seal(3, DATA, new byte[100], 0, 100, out, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stripe 3")
                .hasMessageContaining("sealed before");
        keys.seal(4, DATA, new byte[100], 0, 100, out, 0);
    }

    @Property(tries = 60)
    void everyFlippedBitIsRefused(@ForAll @IntRange(max = (PIECE + 50 + 32) * 8 - 1) int bit)
            throws EncryptionException {
        byte[] changed = sealed(1, random(PIECE + 50, 4));
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        assertDoesNotOpen(attempt(), 1, DATA, changed, changed.length);
    }

    @Property(tries = 40)
    void everyFlippedBitOfAShardIsFound(@ForAll @IntRange(max = 8 * 100_016 - 1) int bit) throws EncryptionException {
        AttemptKeys keys = attempt();
        byte[] value = Arrays.copyOf(random(100_000, 6), 100_016);
        keys.shardMac(0, 0, value, 0, 100_000, value, 100_000);
        assertThat(keys.verifyShardMac(0, 0, value, 0, 100_000, value, 100_000)).isTrue();
        value[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(keys.verifyShardMac(0, 0, value, 0, 100_000, value, 100_000)).isFalse();
    }

    @Nested
    class Refuses {
        private final byte[] plain = random(PIECE + 50, 4);
        private final byte[] sealed = sealed(1, plain);

        Refuses() throws UnknownKeyVersionException {}

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 15, 16, PIECE + 15, PIECE + 16, PIECE + 17, PIECE + 31, PIECE + 32, PIECE + 81})
        void everyTruncation(int length) throws EncryptionException {
            assertDoesNotOpen(attempt(), 1, DATA, sealed, length);
        }

        @Test
        void otherPlaces() throws EncryptionException {
            assertDoesNotOpen(attempt(), 2, DATA, sealed, sealed.length);
            assertDoesNotOpen(attempt(), 1, new byte[0], sealed, sealed.length);
            assertDoesNotOpen(volume.attempt(1, new AttemptId(1, 3), (byte) 0, 7), 1, DATA, sealed, sealed.length);
            assertDoesNotOpen(volume.attempt(1, ATTEMPT, (byte) 1, 7), 1, DATA, sealed, sealed.length);
            assertDoesNotOpen(volume.attempt(1, ATTEMPT, (byte) 0, 8), 1, DATA, sealed, sealed.length);
        }

        @Test
        void swappedPieces() throws EncryptionException {
            byte[] two = sealed(2, random(2 * PIECE, 5));
            byte[] swapped =
                    concat(Arrays.copyOfRange(two, PIECE + 16, two.length), Arrays.copyOfRange(two, 0, PIECE + 16));
            assertDoesNotOpen(attempt(), 2, DATA, swapped, swapped.length);
        }
    }

    @Nested
    class ShardMac {
        private final byte[] shard = random(100_003, 6);

        @Test
        void isVerified() throws EncryptionException {
            AttemptKeys keys = attempt();
            byte[] mac = new byte[20];
            keys.shardMac(4, 5, shard, 3, 100_000, mac, 4);
            assertThat(attempt().verifyShardMac(4, 5, shard, 3, 100_000, mac, 4))
                    .isTrue();
            assertThat(keys.verifyShardMac(4, 6, shard, 3, 100_000, mac, 4)).isFalse();
            assertThat(keys.verifyShardMac(5, 5, shard, 3, 100_000, mac, 4)).isFalse();
            assertThat(keys.verifyShardMac(4, 5, shard, 3, 99_999, mac, 4)).isFalse();
            assertThat(keys.verifyShardMac(4, 5, shard, 2, 100_000, mac, 4)).isFalse();
            assertThat(volume.attempt(1, new AttemptId(9, 9), (byte) 0, 7)
                            .verifyShardMac(4, 5, shard, 3, 100_000, mac, 4))
                    .isFalse();
        }
    }

    @Test
    void closedKeysAreGone() throws EncryptionException {
        AttemptKeys keys = attempt();
        keys.close();
        assertThatThrownBy(() -> keys.seal(0, DATA, new byte[1], 0, 1, new byte[17], 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> keys.shardMac(0, 0, new byte[1], 0, 1, new byte[16], 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongArgumentsAreNamed() throws EncryptionException {
        AttemptKeys keys = attempt();
        assertThatThrownBy(() -> keys.seal(-1, DATA, new byte[1], 0, 1, new byte[17], 0))
                .hasMessageContaining("stripe -1");
        assertThatThrownBy(() -> keys.seal(1 << 20, DATA, new byte[1], 0, 1, new byte[17], 0))
                .hasMessageContaining("stripe 1048576");
        assertThatThrownBy(() -> keys.seal(0, DATA, new byte[1], 0, 2, new byte[18], 0))
                .hasMessageContaining("2 bytes from offset 0 are not within an array of 1");
        assertThatThrownBy(() -> keys.seal(0, DATA, new byte[1], 0, 1, new byte[16], 0))
                .hasMessageContaining("17 bytes from offset 0");
        assertThatThrownBy(() -> keys.shardMac(0, 256, new byte[1], 0, 1, new byte[16], 0))
                .hasMessageContaining("shard 256");
        // a refused call uses no nonces
        keys.seal(0, DATA, new byte[1], 0, 1, new byte[17], 0);
    }

    private static void assertDoesNotOpen(AttemptKeys keys, int stripe, byte[] data, byte[] bytes, int length) {
        byte[] out = new byte[bytes.length];
        assertThatThrownBy(() -> keys.open(stripe, data, bytes, 0, length, out, 0))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("stripe " + stripe);
        assertThat(out).as("no unauthenticated byte is left").containsOnly(0);
    }

    private static byte[] gcm(byte[] key, byte[] nonce, byte[] associatedData, byte[] plain)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(plain);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
