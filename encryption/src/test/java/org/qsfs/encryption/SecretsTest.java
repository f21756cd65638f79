package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Nested
    class KeyFiles {
        @TempDir
        Path directory;

        @Test
        void areCreatedForTheirOwnerOnly() throws IOException, EncryptionException {
            Path file = directory.resolve("key");
            KeyFile created = KeyFile.create(file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(file)).matches("qsfs-key-file 1\n[0-9a-f]{64}\n");
            assertThat(KeyFile.read(file).publicKey()).isEqualTo(created.publicKey());
            assertThat(KeyFile.create(directory.resolve("other")).publicKey()).isNotEqualTo(created.publicKey());
            assertThatThrownBy(() -> KeyFile.create(file)).isInstanceOf(FileAlreadyExistsException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwxrwxrwx"})
        void thatOthersMayUseAreRefused(String mode) throws IOException {
            Path file = directory.resolve("key");
            KeyFile.create(file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertThatThrownBy(() -> KeyFile.read(file))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining(mode)
                    .hasMessageContaining("chmod 600");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "qsfs-key-file 1",
                    "qsfs-key-file 2\n00",
                    "qsfs-key-file 1\nabc",
                    "qsfs-public-key 1\n0011",
                    "qsfs-key-file 1\n" + "g000000000000000000000000000000000000000000000000000000000000000",
                    "qsfs-key-file 1\n" + "0000000000000000000000000000000000000000000000000000000000000000\nmore"
                })
        void withOtherContentAreRefused(String content) throws IOException {
            Path file = directory.resolve("key");
            Files.writeString(file, content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> KeyFile.read(file))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining(file.toString());
        }

        @Test
        void mayHaveBeenEdited() throws IOException, EncryptionException {
            Path file = directory.resolve("key");
            KeyFile created = KeyFile.create(file);
            Files.writeString(file, Files.readString(file).replace("\n", " \r\n") + "\n");
            assertThat(KeyFile.read(file).publicKey()).isEqualTo(created.publicKey());
        }

        @Test
        void thatAreMissingOrHugeAreRefused() throws IOException {
            assertThatThrownBy(() -> KeyFile.read(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
            Path huge = directory.resolve("huge");
            Files.writeString(huge, "qsfs-key-file 1\n" + "0".repeat(100_000));
            Files.setPosixFilePermissions(huge, PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> KeyFile.read(huge)).isInstanceOf(MalformedException.class);
        }

        @Test
        void haveAPublicHalf() throws IOException, EncryptionException {
            KeyFile key = KeyFile.create(directory.resolve("key"));
            Path file = directory.resolve("key.pub");
            key.publicKey().write(file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-r--r--");
            assertThat(HybridPublicKey.read(file)).isEqualTo(key.publicKey());
            assertThat(key.publicKey().fingerprint()).matches("[0-9a-f]{16}");
            Files.writeString(file, "qsfs-public-key 1\nAAAA\n");
            assertThatThrownBy(() -> HybridPublicKey.read(file))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("3 bytes; expected 1600");
            Files.writeString(file, "qsfs-public-key 1\n!\n");
            assertThatThrownBy(() -> HybridPublicKey.read(file)).hasMessageContaining("not Base64");
        }

        @Test
        void thatWereClosedAreGone() throws IOException {
            KeyFile key = KeyFile.create(directory.resolve("key"));
            key.close();
            assertThatThrownBy(key::publicKey).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class Passphrases {
        @Test
        void areGeneratedDifferentlyAndStrong() {
            String text = new String(Passphrase.generate().text());
            assertThat(text).matches("([a-z2-9]{4}-){6}[a-z2-9]{4}");
            assertThat(new String(Passphrase.generate().text())).isNotEqualTo(text);
            for (int i = 0; i < 200; i++) {
                assertThatCode(() -> PassphraseStrength.check(Passphrase.generate()))
                        .doesNotThrowAnyException();
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "secret",
                    "Password123456!",
                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                    "abcdefghijklmnopqrstuvwxyz0123456789",
                    "12345678901234567890123456789012345678901234567890",
                    "passwordpasswordpasswordpasswordpassword",
                    "qwertyuiop",
                    "correct horse"
                })
        void thatAreWeakAreRefused(String text) {
            Passphrase weak = Passphrase.of(text.toCharArray());
            assertThatThrownBy(() -> Recipient.passphrase("me", weak))
                    .isInstanceOf(WeakPassphraseException.class)
                    .hasMessageContaining("too weak")
                    .hasMessageContaining("50 are needed");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"correct horse battery staple", "xK9#mQ2$vL7p!wZ4", "grün wie der Käse im Schloßgarten"})
        void thatAreStrongAreAccepted(String text) {
            assertThatCode(() -> PassphraseStrength.check(Passphrase.of(text.toCharArray())))
                    .doesNotThrowAnyException();
        }

        @Test
        void areTheSameHoweverTheyWereTyped() {
            Passphrase composed = Passphrase.of("K\u00e4se".toCharArray());
            Passphrase decomposed = Passphrase.of("Ka\u0308se".toCharArray());
            assertThat(composed.text()).isEqualTo(decomposed.text());
        }

        @Test
        void areNotShownAndCanBeClosed() {
            Passphrase passphrase = Passphrase.of("some secret".toCharArray());
            assertThat(passphrase).hasToString("Passphrase");
            passphrase.close();
            assertThatThrownBy(passphrase::text).isInstanceOf(IllegalStateException.class);
        }

        /**
         * Argon2id with the costs of new headers, so that no change of library can lock anybody out. The answer was
         * computed by Python's cryptography package.
         */
        @Test
        void areStretchedAsEver() {
            byte[] salt = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
            Passphrase passphrase = Passphrase.of("correct horse battery staple".toCharArray());
            assertThat(HEX.formatHex(
                            passphrase.stretch(Argon2Cost.STANDARD, salt).getEncoded()))
                    .isEqualTo("446539bd5c5b1ecce56f2120d87c64925395b4bb2016d9369e17e67a0a2cd8db");
        }
    }

    @Test
    void aPassphraseThatNeverFitsTheHeapIsRefusedEarly() {
        assertThatThrownBy(() -> Argon2Cost.STANDARD.checkHeap(128L << 20))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this passphrase needs 256 MiB of heap, the JVM has at most 128; start it with -Xmx384m");
        Argon2Cost.STANDARD.checkHeap(300L << 20);
    }

    @Nested
    class HybridKeys {
        private final HybridPrivateKey privateKey = HybridPrivateKey.from(RawKey.random());
        private final byte[] context = {1, 2, 3};

        /** Known answers, computed by Python's cryptography package from the documented derivation. */
        @Test
        void areDerivedAsEver() throws EncryptionException {
            byte[] seed = new byte[32];
            for (int i = 0; i < seed.length; i++) {
                seed[i] = (byte) i;
            }
            HybridPublicKey publicKey =
                    HybridPrivateKey.from(RawKey.owning(seed)).publicKey();
            assertThat(HEX.formatHex(publicKey.x25519()))
                    .isEqualTo("4bcb4f74d4a153a827d1e837751769bc026c996671aa6d677b8c6bf7606b3c17");
            assertThat(HEX.formatHex(Sha256.of(publicKey.mlKem())))
                    .isEqualTo("01341543421d0fca3a05cd570a7e569870fb3df656b7261d53fa28a423de7644");
        }

        @Test
        void wrapKeys() throws EncryptionException {
            RawKey key = RawKey.random();
            byte[] wrapped = WrappedKey.wrap(key, privateKey.publicKey(), context);
            assertThat(wrapped).hasSize(WrappedKey.BYTES);
            assertThat(WrappedKey.unwrap(wrapped, privateKey, context).getEncoded())
                    .isEqualTo(key.getEncoded());
            assertThatThrownBy(() -> WrappedKey.unwrap(wrapped, privateKey, new byte[] {1, 2, 4}))
                    .isInstanceOf(AuthenticationFailedException.class);
            assertThatThrownBy(() -> WrappedKey.unwrap(wrapped, HybridPrivateKey.from(RawKey.random()), context))
                    .isInstanceOf(AuthenticationFailedException.class);
        }

        @Test
        void refusePointsOfSmallOrder() {
            byte[] wrapped = WrappedKey.wrap(RawKey.random(), privateKey.publicKey(), context);
            Arrays.fill(wrapped, 0, 32, (byte) 0);
            assertThatThrownBy(() -> WrappedKey.unwrap(wrapped, privateKey, context))
                    .isInstanceOf(AuthenticationFailedException.class);
            assertThatThrownBy(() -> X25519.agree(X25519.randomPrivateKey(), new byte[32]))
                    .isInstanceOf(InvalidKeyException.class);
        }
    }

    @Property(tries = 60)
    void aChangedWrappedKeyDoesNotOpen(@ForAll @IntRange(max = WrappedKey.BYTES * 8 - 1) int bit) {
        HybridPrivateKey privateKey = HybridPrivateKey.from(RawKey.random());
        byte[] wrapped = WrappedKey.wrap(RawKey.random(), privateKey.publicKey(), new byte[0]);
        wrapped[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> WrappedKey.unwrap(wrapped, privateKey, new byte[0]))
                .isInstanceOf(AuthenticationFailedException.class);
    }

    @Property(tries = 60)
    void aForeignPublicKeyIsUsedOrRefusedCleanly(@ForAll byte[] bytes) throws MalformedException {
        byte[] garbage = new byte[HybridPublicKey.BYTES];
        for (int i = 0; i < garbage.length; i++) {
            garbage[i] = bytes.length == 0 ? (byte) 0xFF : bytes[i % bytes.length];
        }
        HybridPublicKey publicKey = HybridPublicKey.of(garbage);
        try {
            assertThat(WrappedKey.wrap(RawKey.random(), publicKey, new byte[0])).hasSize(WrappedKey.BYTES);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("public key");
        }
    }

    @Test
    void commitmentsAreHexadecimal() throws MalformedException {
        String text = "0123456789abcdef".repeat(4);
        assertThat(KeyCommitment.parse(text.toUpperCase(Locale.ROOT))).hasToString(text);
        for (String wrong : List.of("", "12", "x".repeat(64), "0".repeat(66))) {
            assertThatThrownBy(() -> KeyCommitment.parse(wrong))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("expected 64 hexadecimal digits");
        }
    }
}
