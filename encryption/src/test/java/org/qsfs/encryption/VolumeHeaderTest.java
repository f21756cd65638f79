package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.UnlockException.Reason;

class VolumeHeaderTest {
    private static final Argon2Cost CHEAP = new Argon2Cost(64, 1, 1);
    private static final Argon2Cost.Limits ANY_COST = new Argon2Cost.Limits(8, 1024, 1, 10, 16);
    private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

    private final VolumeId id = VolumeId.random();
    private final VolumeKeys keys = VolumeKeys.generate(id);
    private final Passphrase passphrase = Passphrase.generate();

    @TempDir
    Path directory;

    private KeyFile keyFile;
    private VolumeHeader header;

    @BeforeEach
    void createHeader() throws IOException {
        keyFile = KeyFile.create(directory.resolve("key"));
        header = VolumeHeader.create(
                keys,
                List.of(PassphraseRecipient.create("paper", passphrase, CHEAP), Recipient.keyFile("daemon", keyFile)));
    }

    private static VolumeHeader decoded(VolumeHeader header) throws MalformedException {
        return VolumeHeader.decode(header.encode(), ANY_COST);
    }

    private void assertOpensWhatTheKeysSealed(VolumeKeys unlocked) throws EncryptionException {
        byte[] record = keys.sealer("x").seal(DATA, DATA);
        assertThat(unlocked.sealer("x").open(DATA, record)).isEqualTo(DATA);
    }

    private static void assertUnlockFails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        UnlockException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    @Test
    void everyRecipientUnlocksIt() throws EncryptionException, IOException {
        VolumeHeader read = decoded(header);
        assertThat(read.volume()).isEqualTo(id);
        assertThat(read.generation()).isEqualTo(1);
        assertThat(read.versions()).containsExactly(1);
        assertThat(read.recipients()).isEqualTo(header.recipients());
        assertOpensWhatTheKeysSealed(read.unlock(passphrase));
        assertOpensWhatTheKeysSealed(read.unlock(keyFile));
        assertOpensWhatTheKeysSealed(read.unlock(KeyFile.read(directory.resolve("key"))));
        assertOpensWhatTheKeysSealed(read.unlock(Passphrase.of(passphrase.text())));
    }

    @Test
    void aPublicKeyIsEnoughToAddItsOwner() throws EncryptionException, IOException {
        KeyFile backup = KeyFile.create(directory.resolve("backup"));
        backup.publicKey().write(directory.resolve("backup.pub"));
        VolumeHeader more = header.addRecipient(
                keys, Recipient.publicKey("backup", HybridPublicKey.read(directory.resolve("backup.pub"))));
        assertThat(more.generation()).isEqualTo(2);
        assertUnlockFails(Reason.WRONG_SECRET, () -> header.unlock(backup));
        assertOpensWhatTheKeysSealed(decoded(more).unlock(backup));
        assertOpensWhatTheKeysSealed(decoded(more).unlock(passphrase));
    }

    @Nested
    class DoesNotOpen {
        @Test
        void withAWrongSecret() throws IOException {
            KeyFile other = KeyFile.create(directory.resolve("other"));
            assertUnlockFails(Reason.WRONG_SECRET, () -> header.unlock(other));
            Passphrase wrong = Passphrase.of("not the passphrase".toCharArray());
            assertUnlockFails(Reason.WRONG_SECRET, () -> header.unlock(wrong));
            assertThatThrownBy(() -> header.unlock(wrong))
                    .hasMessageContaining("wrong passphrase for volume " + id)
                    .hasMessageNotContaining("not the");
        }

        @Test
        void whenNobodyHasSuchASecret() {
            VolumeHeader onlyFile = VolumeHeader.create(keys, List.of(Recipient.keyFile("daemon", keyFile)));
            assertUnlockFails(Reason.NO_RECIPIENT, () -> onlyFile.unlock(passphrase));
            assertThatThrownBy(() -> onlyFile.unlock(passphrase))
                    .hasMessageContaining("no passphrase among its recipients, which are [daemon]");
        }

        @Test
        void whenItIsNotTheVolumeThatIsPinned() throws EncryptionException {
            assertThat(header.expect(id, header.commitment())).isSameAs(header);
            VolumeKeys others = VolumeKeys.generate(id);
            VolumeHeader foreign = VolumeHeader.create(others, header.recipients());
            assertUnlockFails(Reason.OTHER_VOLUME, () -> foreign.expect(id, header.commitment()));
            assertUnlockFails(Reason.OTHER_VOLUME, () -> header.expect(VolumeId.random(), header.commitment()));
            KeyCommitment pinned = KeyCommitment.parse(header.commitment().text());
            assertThatThrownBy(() -> foreign.expect(id, pinned)).hasMessageContaining(pinned.text());
        }

        /** Somebody without the root key makes a flawless header with the pinned commitment, for keys that he knows. */
        @Test
        void withAStolenCommitment() throws EncryptionException, GeneralSecurityException {
            VolumeKeys his = VolumeKeys.generate(id);
            RawKey headerKey = RawKey.random();
            byte[] context =
                    ByteBuffer.allocate(24).put(id.toBytes()).putLong(1).array();
            HeaderBody body = new HeaderBody(
                    id,
                    1,
                    header.commitment(),
                    his.versions(),
                    List.of(new WrappedRecipient(
                            Recipient.keyFile("daemon", keyFile),
                            WrappedKey.wrap(headerKey, keyFile.publicKey(), context))));
            byte[] clear = body.encode();
            byte[] secrets = his.encodeSecrets(his.versions());
            byte[] bytes = Arrays.copyOf(clear, clear.length + secrets.length + 16 + 64);
            Cipher cipher = Gcm.cipher();
            Gcm.start(cipher, Cipher.ENCRYPT_MODE, headerKey, new byte[12]);
            cipher.updateAAD(clear);
            cipher.doFinal(secrets, 0, secrets.length, bytes, clear.length);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(his.rootKey("qsfs header mac"));
            mac.update(bytes, 0, bytes.length - 64);
            mac.doFinal(bytes, bytes.length - 64);

            VolumeHeader forged = VolumeHeader.decode(withDigest(bytes)).expect(id, header.commitment());
            assertUnlockFails(Reason.TAMPERED, () -> forged.unlock(keyFile));
        }

        @Test
        void withAnotherMac() throws MalformedException {
            byte[] bytes = header.encode();
            bytes[bytes.length - 64] ^= 1;
            VolumeHeader read = VolumeHeader.decode(withDigest(bytes), ANY_COST);
            assertUnlockFails(Reason.TAMPERED, () -> read.unlock(keyFile));
        }

        @Test
        void withPartsOfAnotherGeneration() throws MalformedException {
            VolumeHeader next = header.removeRecipient(keys, "paper");
            byte[] bytes = header.removeRecipient(keys, "paper").encode();
            byte[] mixed = next.encode();
            int sealedAndMac = 32 * 2 + 16 + 32;
            int at = mixed.length - 32 - sealedAndMac;
            System.arraycopy(bytes, at, mixed, at, sealedAndMac);
            VolumeHeader read = VolumeHeader.decode(withDigest(mixed), ANY_COST);
            assertUnlockFails(Reason.TAMPERED, () -> read.unlock(keyFile));
        }
    }

    /** Made once: jqwik makes an instance of this class for every try, and does not run JUnit's life cycle. */
    private static final class Fixed {
        static final KeyFile KEY = createKeyFile();
        static final VolumeHeader HEADER =
                VolumeHeader.create(VolumeKeys.generate(VolumeId.random()), List.of(Recipient.keyFile("k", KEY)));

        private static KeyFile createKeyFile() {
            try {
                Path file = Files.createTempDirectory("qsfs").resolve("key");
                KeyFile key = KeyFile.create(file);
                Files.delete(file);
                Files.delete(file.getParent());
                return key;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Property(tries = 150)
    void noChangeGoesUnnoticed(@ForAll long seed) {
        byte[] bytes = Fixed.HEADER.encode();
        int bit = new Random(seed).nextInt((bytes.length - 32) * 8);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> VolumeHeader.decode(bytes)).isInstanceOf(MalformedException.class);
        // with a matching digest, so that the deeper checks are reached
        assertThatThrownBy(() -> VolumeHeader.decode(withDigest(bytes)).unlock(Fixed.KEY))
                .as("bit %d", bit)
                .isInstanceOf(EncryptionException.class);
    }

    @Property(tries = 300)
    void anyBytesAreRefusedCleanly(@ForAll byte[] bytes, @ForAll @IntRange(max = 70) int keep) {
        byte[] start = Arrays.copyOf(Fixed.HEADER.encode(), keep);
        byte[] all = Arrays.copyOf(start, keep + bytes.length);
        System.arraycopy(bytes, 0, all, keep, bytes.length);
        assertThatThrownBy(() -> VolumeHeader.decode(all)).isInstanceOf(MalformedException.class);
    }

    @Nested
    class OfSeveralCopies {
        @Test
        void theNewestIsTaken() throws EncryptionException {
            VolumeHeader next = header.withKeys(keys.rotated());
            UnlockedHeader unlocked = VolumeHeader.unlockNewest(List.of(header, next, header), keyFile);
            assertThat(unlocked.header()).isEqualTo(next);
            assertThat(unlocked.keys().versions()).containsExactly(1, 2);
            assertThat(unlocked.refused()).isEmpty();
        }

        /** One backend of many must not be able to keep everyone out. */
        @Test
        void aForgedOneIsPassedOver() throws EncryptionException {
            byte[] bytes = header.encode();
            bytes[32] = 99;
            VolumeHeader forged = VolumeHeader.decode(withDigest(bytes), ANY_COST);
            assertThat(forged.generation()).isEqualTo(99);
            VolumeHeader foreign = VolumeHeader.create(keys, List.of(someone("else")));
            UnlockedHeader unlocked = VolumeHeader.unlockNewest(List.of(foreign, forged, header), keyFile);
            assertThat(unlocked.header()).isEqualTo(header);
            assertThat(unlocked.refused())
                    .extracting(UnlockException::reason)
                    .containsExactly(Reason.TAMPERED, Reason.WRONG_SECRET);
        }

        @Test
        void theNewestSaysWhyNoneOpens() {
            byte[] bytes = header.encode();
            bytes[32] = 99;
            assertUnlockFails(
                    Reason.TAMPERED,
                    () -> VolumeHeader.unlockNewest(
                            List.of(
                                    VolumeHeader.create(keys, List.of(someone("else"))),
                                    VolumeHeader.decode(withDigest(bytes), ANY_COST)),
                            keyFile));
            assertThatThrownBy(() -> VolumeHeader.unlockNewest(List.of(), keyFile))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Decoding {
        private void assertRefused(String message, Consumer<byte[]> change) {
            byte[] bytes = header.encode();
            change.accept(bytes);
            assertThatThrownBy(() -> VolumeHeader.decode(withDigest(bytes), ANY_COST))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining(message);
        }

        @Test
        void saysWhatWasFoundAndExpected() {
            assertRefused("does not begin with \"QSFSKEYS\"", b -> b[0] = 'X');
            assertRefused("format version 2; this program knows 1", b -> b[8] = 2);
            assertRefused("generation 0; expected 1 or more", b -> Arrays.fill(b, 25, 33, (byte) 0));
            assertRefused("number of master keys 0; expected 1 to 1024", b -> b[66] = 0);
            assertRefused("number of master keys 65281; expected 1 to 1024", b -> b[65] = (byte) 255);
            assertRefused("master key version 0 after 0", b -> b[70] = 0);
            assertRefused("number of recipients 0; expected 1 to 64", b -> b[71] = 0);
            assertRefused("number of recipients 65; expected 1 to 64", b -> b[71] = 65);
            assertRefused("recipient of kind 9", b -> b[72] = 9);
            assertRefused("recipient name length 0; expected 1 to 64", b -> b[73] = 0);
            assertRefused("without control characters", b -> b[74] = '\n');
            assertRefused("without control characters", b -> b[74] = (byte) 0xFF);
            assertRefused("bytes behind its recipients", b -> b[71] = 1);
        }

        @Test
        void refusesUnreasonableArgon2Costs() {
            assertRefused("Argon2id with 4278190144 KiB", b -> b[79] = (byte) 0xFF);
            assertRefused("11 iterations", b -> b[83] = 11);
            assertRefused("0 lanes", b -> b[84] = 0);
            assertThatThrownBy(() -> VolumeHeader.decode(header.encode()))
                    .as("cheap costs are for tests only")
                    .hasMessageContaining("Argon2id with 64 KiB")
                    .hasMessageContaining("expected 262144 to 1048576 KiB");
        }

        @Test
        void refusesEveryTruncation() {
            byte[] bytes = header.encode();
            for (int length = 0; length < bytes.length; length += length < 200 ? 1 : 61) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> VolumeHeader.decode(cut, ANY_COST)).isInstanceOf(MalformedException.class);
            }
            assertThatThrownBy(() -> VolumeHeader.decode(Arrays.copyOf(bytes, bytes.length + 1), ANY_COST))
                    .isInstanceOf(MalformedException.class);
            assertThatThrownBy(() -> VolumeHeader.decode(new byte[VolumeHeader.MAX_BYTES + 1]))
                    .hasMessageContaining("expected at most " + VolumeHeader.MAX_BYTES);
        }

        @Test
        void refusesTwoRecipientsOfOneName() {
            byte[] bytes = VolumeHeader.create(keys, List.of(someone("ab"), someone("ac")))
                    .encode();
            int secondName = 72 + 2 + 2 + HybridPublicKey.BYTES + WrappedKey.BYTES + 2;
            assertThat(bytes[secondName + 1]).isEqualTo((byte) 'c');
            bytes[secondName + 1] = 'b';
            assertThatThrownBy(() -> VolumeHeader.decode(withDigest(bytes)))
                    .hasMessageContaining("two recipients named \"ab\"");
        }
    }

    @Nested
    class Recipients {
        @Test
        void areRemovedByName() throws EncryptionException {
            VolumeHeader fewer = header.removeRecipient(keys, "paper");
            assertUnlockFails(Reason.NO_RECIPIENT, () -> fewer.unlock(passphrase));
            assertOpensWhatTheKeysSealed(fewer.unlock(keyFile));
            assertThatThrownBy(() -> fewer.removeRecipient(keys, "paper"))
                    .hasMessageContaining("no recipient is named \"paper\"; there are [daemon]");
            assertThatThrownBy(() -> fewer.removeRecipient(keys, "daemon")).hasMessageContaining("only recipient");
        }

        /** What an attacker has who kept his old header: nothing of the new generation. */
        @Test
        void whoWereRemovedCannotReadLaterGenerations() throws EncryptionException, IOException {
            KeyFile removed = KeyFile.create(directory.resolve("removed"));
            VolumeHeader with = header.addRecipient(keys, Recipient.keyFile("removed", removed));
            VolumeKeys rotated = keys.rotated();
            VolumeHeader without = with.removeRecipient(keys, "removed").withKeys(rotated);
            assertThat(with.unlock(removed).versions()).containsExactly(1);
            assertUnlockFails(Reason.WRONG_SECRET, () -> without.unlock(removed));
        }

        @Test
        void haveDifferentNames() {
            assertThatThrownBy(() -> header.addRecipient(keys, someone("paper")))
                    .hasMessageContaining("two recipients are named \"paper\"");
            assertThatThrownBy(() -> VolumeHeader.create(keys, List.of())).hasMessageContaining("0 recipients");
            for (String name : List.of("", "a\nb", "ü".repeat(33))) {
                assertThatThrownBy(() -> someone(name)).isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void fitInAHeaderUpTo64() throws EncryptionException {
            HybridPublicKey publicKey = keyFile.publicKey();
            List<Recipient> many = new ArrayList<>();
            for (int i = 0; i < 63; i++) {
                many.add(Recipient.publicKey("n".repeat(62) + (10 + i), publicKey));
            }
            many.add(PassphraseRecipient.create("n".repeat(64), passphrase, CHEAP));
            VolumeHeader full = decoded(VolumeHeader.create(keys, many));
            assertThat(full.encode().length).isLessThanOrEqualTo(VolumeHeader.MAX_BYTES);
            assertThatThrownBy(() -> full.addRecipient(keys, someone("one more")))
                    .hasMessageContaining("65 recipients; expected 1 to 64");
        }
    }

    @Nested
    class Rotation {
        @Test
        void keepsRecipientsAndCommitment() throws EncryptionException {
            VolumeKeys rotated = keys.rotated();
            VolumeHeader next = decoded(header.withKeys(rotated));
            assertThat(next.generation()).isEqualTo(2);
            assertThat(next.versions()).containsExactly(1, 2);
            assertThat(next.commitment()).isEqualTo(header.commitment());
            VolumeKeys unlocked = next.unlock(passphrase);
            assertOpensWhatTheKeysSealed(unlocked);
            assertThat(unlocked.currentVersion()).isEqualTo(2);
            byte[] record = unlocked.sealer("x").seal(DATA, DATA);
            assertThat(next.unlock(keyFile).sealer("x").open(DATA, record)).isEqualTo(DATA);

            VolumeHeader dropped = decoded(next.withKeys(unlocked.without(1)));
            assertThat(dropped.versions()).containsExactly(2);
            assertThat(dropped.commitment()).isEqualTo(header.commitment());
            assertThat(dropped.unlock(keyFile).sealer("x").open(DATA, record)).isEqualTo(DATA);
        }

        /** With stale keys a change of recipients would lose the newest master key. */
        @Test
        void cannotBeUndoneByAccident() {
            VolumeHeader next = header.withKeys(keys.rotated());
            assertThatThrownBy(() -> next.addRecipient(keys, someone("x")))
                    .hasMessageContaining("unlock the newest header first");
            assertThatThrownBy(() -> next.removeRecipient(keys, "paper"))
                    .hasMessageContaining("unlock the newest header first");
            assertThatThrownBy(() -> next.withKeys(keys.rotated().rotated().rotated()))
                    .hasMessageContaining("expected one more or one less");
            assertThatThrownBy(() -> header.withKeys(keys)).hasMessageContaining("expected one more or one less");
        }

        @Test
        void needsTheKeysOfTheVolume() {
            VolumeKeys others = VolumeKeys.generate(id);
            assertThatThrownBy(() -> header.addRecipient(others, someone("x")))
                    .hasMessageContaining("do not belong to the header");
            assertThatThrownBy(() -> header.withKeys(others.rotated())).hasMessageContaining("do not belong");
        }
    }

    private Recipient someone(String name) {
        return Recipient.publicKey(name, HybridPrivateKey.from(RawKey.random()).publicKey());
    }

    private static byte[] withDigest(byte[] bytes) {
        byte[] fixed = bytes.clone();
        System.arraycopy(Sha256.of(fixed, fixed.length - 32), 0, fixed, fixed.length - 32, 32);
        return fixed;
    }
}
