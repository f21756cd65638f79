package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipientFormatTest {
    @TempDir
    Path directory;

    @Test
    void everyKindComesBack() throws Exception {
        try (KeyFile key = KeyFile.create(directory.resolve("key"))) {
            HybridPublicKey half = key.publicKey();
            PassphraseRecipient phrase =
                    new PassphraseRecipient("paper", half, Argon2Cost.STANDARD, new byte[Argon2Cost.SALT_BYTES]);
            for (Recipient recipient :
                    List.of(Recipient.keyFile("file", key), Recipient.publicKey("öffentlich", half), phrase)) {
                assertThat(Recipient.decode(recipient.encode())).isEqualTo(recipient);
            }
        }
    }

    @Test
    void whatIsNoRecipientIsRefused() throws Exception {
        try (KeyFile key = KeyFile.create(directory.resolve("key"))) {
            byte[] bytes = Recipient.keyFile("file", key).encode();
            for (int length = 0; length < bytes.length; length += 97) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> Recipient.decode(cut)).isInstanceOf(MalformedException.class);
            }
            assertThatThrownBy(() -> Recipient.decode(Arrays.copyOf(bytes, bytes.length + 1)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("behind it");
            byte[] cheap = new PassphraseRecipient(
                            "paper", key.publicKey(), new Argon2Cost(8, 1, 1), new byte[Argon2Cost.SALT_BYTES])
                    .encode();
            assertThatThrownBy(() -> Recipient.decode(cheap)).isInstanceOf(MalformedException.class);
        }
    }
}
