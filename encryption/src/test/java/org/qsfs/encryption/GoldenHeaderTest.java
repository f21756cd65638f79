package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A header of format version 1 with the costs of a real one, its key file, and a record sealed under master key version
 * 2. A program written in Python from the format tables opened all three. They must open for ever.
 */
class GoldenHeaderTest {
    @TempDir
    Path directory;

    private VolumeHeader header;

    @BeforeEach
    void decode() throws IOException, MalformedException {
        header = VolumeHeader.decode(resource("golden-header"));
    }

    @Test
    void opensWithItsKeyFile() throws IOException, EncryptionException {
        Path file = directory.resolve("key");
        Files.write(file, resource("golden-key"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertOpensTheRecord(header.unlock(KeyFile.read(file)));
    }

    @Test
    void opensWithItsPassphrase() throws IOException, EncryptionException {
        assertOpensTheRecord(header.unlock(Passphrase.of("correct horse battery staple".toCharArray())));
    }

    private static void assertOpensTheRecord(VolumeKeys keys) throws IOException, EncryptionException {
        byte[] associatedData = "associated".getBytes(StandardCharsets.UTF_8);
        assertThat(keys.versions()).containsExactly(1, 2);
        assertThat(keys.sealer("catalog").open(associatedData, resource("golden-record")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("hello");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GoldenHeaderTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }
}
