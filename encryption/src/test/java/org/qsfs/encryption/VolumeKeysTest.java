package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeKeysTest {
    private static final byte[] DATA = "segment/7".getBytes(StandardCharsets.UTF_8);

    private final VolumeId id = VolumeId.random();
    private final VolumeKeys keys = VolumeKeys.generate(id);

    @Property(tries = 50)
    void sealedRecordsOpen(@ForAll byte[] associatedData, @ForAll byte[] plain) throws EncryptionException {
        byte[] sealed = keys.sealer("catalog").seal(associatedData, plain);
        assertThat(sealed).hasSize(plain.length + Sealer.OVERHEAD_BYTES);
        assertThat(keys.sealer("catalog").open(associatedData, sealed)).isEqualTo(plain);
    }

    @Property(tries = 100)
    void sealedRecordsWithAFlippedBitDoNotOpen(@ForAll @IntRange(max = (53 + 10) * 8 - 1) int bit) {
        byte[] sealed = keys.sealer("catalog").seal(DATA, new byte[10]);
        sealed[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> keys.sealer("catalog").open(DATA, sealed))
                .isInstanceOf(
                        bit < 8
                                ? MalformedException.class
                                : bit < 40 ? UnknownKeyVersionException.class : AuthenticationFailedException.class);
    }

    @Property(tries = 200)
    void anyBytesAreRefusedAsARecord(@ForAll byte[] bytes) {
        assertThatThrownBy(() -> keys.sealer("catalog").open(DATA, bytes)).isInstanceOf(EncryptionException.class);
    }

    @Nested
    class SealedRecord {
        private final Sealer sealer = keys.sealer("catalog");

        @Test
        void isDifferentEveryTime() {
            assertThat(sealer.seal(DATA, new byte[10])).isNotEqualTo(sealer.seal(DATA, new byte[10]));
        }

        @Test
        void doesNotOpenElsewhere() {
            byte[] sealed = sealer.seal(DATA, new byte[10]);
            assertThatThrownBy(() -> sealer.open(new byte[0], sealed))
                    .isInstanceOf(AuthenticationFailedException.class);
            assertThatThrownBy(() -> keys.sealer("head").open(DATA, sealed))
                    .isInstanceOf(AuthenticationFailedException.class);
            assertThatThrownBy(() -> VolumeKeys.generate(id).sealer("catalog").open(DATA, sealed))
                    .isInstanceOf(AuthenticationFailedException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 5, 37, 52})
        void tooShortIsMalformed(int length) {
            byte[] sealed = sealer.seal(DATA, new byte[10]);
            assertThatThrownBy(() -> sealer.open(DATA, Arrays.copyOf(sealed, length)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining(length + " bytes; expected at least 53");
        }

        @Test
        void ofALaterFormatIsNamed() {
            byte[] sealed = sealer.seal(DATA, new byte[10]);
            sealed[0] = 2;
            assertThatThrownBy(() -> sealer.open(DATA, sealed))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("format version 2; this program knows 1");
        }
    }

    @Nested
    class Rotation {
        @Test
        void keepsOldRecordsReadable() throws EncryptionException {
            byte[] old = keys.sealer("x").seal(DATA, new byte[] {1});
            VolumeKeys rotated = keys.rotated();
            assertThat(keys.currentVersion()).isEqualTo(1);
            assertThat(rotated.currentVersion()).isEqualTo(2);
            assertThat(rotated.versions()).containsExactly(1, 2);
            assertThat(rotated.sealer("x").open(DATA, old)).containsExactly(1);
            byte[] recent = rotated.sealer("x").seal(DATA, new byte[] {2});
            assertThat(Sealer.keyVersion(recent)).isEqualTo(2);
            assertThatThrownBy(() -> keys.sealer("x").open(DATA, recent))
                    .isInstanceOf(UnknownKeyVersionException.class)
                    .hasMessageContaining("version 2 is not known (known: [1])");
        }

        @Test
        void isAdoptedInPlace() throws EncryptionException {
            Sealer sealer = keys.sealer("x");
            byte[] old = sealer.seal(DATA, new byte[] {1});
            VolumeKeys rotated = keys.rotated();
            keys.adopt(rotated);
            rotated.close();
            assertThat(keys.currentVersion()).isEqualTo(2);
            assertThat(Sealer.keyVersion(sealer.seal(DATA, new byte[] {2}))).isEqualTo(2);
            assertThat(sealer.open(DATA, old)).containsExactly(1);
            assertThatThrownBy(() -> keys.adopt(VolumeKeys.generate(VolumeId.random())))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void droppedVersionsAreGone() throws EncryptionException {
            byte[] old = keys.sealer("x").seal(DATA, new byte[] {1});
            VolumeKeys rotated = keys.rotated();
            assertThatThrownBy(() -> rotated.without(2)).hasMessageContaining("rotate first");
            assertThatThrownBy(() -> rotated.without(3)).isInstanceOf(UnknownKeyVersionException.class);
            keys.adopt(rotated.without(1));
            assertThat(keys.versions()).containsExactly(2);
            assertThatThrownBy(() -> keys.sealer("x").open(DATA, old)).isInstanceOf(UnknownKeyVersionException.class);
            assertThat(rotated.sealer("x").open(DATA, old)).containsExactly(1);
            assertThat(keys.rotated().currentVersion())
                    .as("versions are not used again")
                    .isEqualTo(3);
        }

        @Test
        void disturbsNobodyAtWork() throws Exception {
            List<Callable<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Sealer sealer = keys.sealer("x" + i);
                workers.add(() -> {
                    int opened = 0;
                    for (int j = 0; j < 300; j++) {
                        opened += sealer.open(DATA, sealer.seal(DATA, new byte[1])).length;
                    }
                    return opened;
                });
            }
            workers.add(() -> {
                for (int j = 0; j < 50; j++) {
                    keys.adopt(keys.rotated());
                }
                return 300;
            });
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Integer> worker : threads.invokeAll(workers, 30, TimeUnit.SECONDS)) {
                    assertThat(worker.get()).isEqualTo(300);
                }
            }
        }
    }

    /**
     * Known answers, computed by Python's cryptography package from the format tables: a change of derivation would make every stored byte
     * unreadable.
     */
    @Test
    void derivationNeverChanges() throws EncryptionException {
        VolumeKeys fixed = new VolumeKeys(
                new VolumeId(0x0001020304050607L, 0x08090A0B0C0D0E0FL),
                key(0x10),
                new TreeMap<>(Map.of(1, key(0x20), 2, key(0x30))));
        byte[] sealed = new byte[21];
        byte[] mac = new byte[16];
        try (AttemptKeys attempt = fixed.attempt(2, new AttemptId(5, 6), (byte) 1, 77)) {
            attempt.seal(1, DATA, "hello".getBytes(StandardCharsets.UTF_8), 0, 5, sealed, 0);
            attempt.shardMac(1, 2, DATA, 0, DATA.length, mac, 0);
        }
        assertThat(HexFormat.of().formatHex(sealed)).isEqualTo("1626b5bf4b3ba7cfe980cb4ca2e2df691f7a641398");
        assertThat(HexFormat.of().formatHex(mac)).isEqualTo("2ea897af1a2b006eaff5957b11ee198d");
        assertThat(HexFormat.of()
                        .formatHex(fixed.rootKey("qsfs header commitment").getEncoded()))
                .isEqualTo("f2df71d21ea2600e148d44cf17dd92bdd3bee4e9be4508b55cae69b68d3abd90");
        byte[] record = HexFormat.of()
                .parseHex(
                        "0100000002404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5fb2d3e9b7f8fcca919ba4083ddaab2c8952ce9dbd53");
        assertThat(fixed.sealer("catalog").open(DATA, record)).asString().isEqualTo("hello");
    }

    /** RFC 5869, A.1 and A.3. */
    @Test
    void hkdfGivesTheAnswersOfItsRfc() {
        HexFormat hex = HexFormat.of();
        byte[] input = new byte[22];
        Arrays.fill(input, (byte) 0x0B);
        assertThat(hex.formatHex(Derivation.hkdf(
                        input, hex.parseHex("000102030405060708090a0b0c"), hex.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42)))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        assertThat(hex.formatHex(Derivation.hkdf(input, new byte[0], new byte[0], 42)))
                .isEqualTo("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    @Test
    void secretsAreNotShown() throws EncryptionException {
        assertThat(keys).hasToString("VolumeKeys[" + id + ", versions [1]]");
        assertThat(keys.attempt(1, new AttemptId(1, 2), (byte) 0, 1))
                .hasToString("AttemptKeys[00000000000000010000000000000002]");
        assertThat(keys.rootKey("x")).hasToString("RawKey");
    }

    @Test
    void closedKeysAreGone() {
        Sealer sealer = keys.sealer("x");
        keys.close();
        assertThatThrownBy(() -> sealer.seal(DATA, new byte[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> keys.attempt(1, new AttemptId(1, 2), (byte) 0, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void identitiesAreHexadecimal() throws EncryptionException {
        assertThat(VolumeId.parse(id.toString())).isEqualTo(id);
        assertThat(VolumeId.of(id.toBytes())).isEqualTo(id);
        AttemptId attempt = AttemptId.random();
        assertThat(AttemptId.parse(attempt.toString())).isEqualTo(attempt);
        assertThat(AttemptId.of(attempt.toBytes())).isEqualTo(attempt);
        assertThat(AttemptId.random()).isNotEqualTo(attempt);
        assertThatThrownBy(() -> VolumeId.parse("12")).hasMessage("volume id \"12\"; expected 32 hexadecimal digits");
        assertThatThrownBy(() -> AttemptId.parse("g".repeat(32))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> VolumeId.of(new byte[15])).isInstanceOf(IllegalArgumentException.class);
    }

    private static RawKey key(int first) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return RawKey.owning(bytes);
    }
}
