package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@DisplayName("The keys of a mounted volume")
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KeysIT {
    @TempDir
    Path directory;

    private Installation qsfs;
    private Path mountpoint;

    @BeforeEach
    void mount() throws Exception {
        qsfs = new Installation(directory);
        mountpoint = qsfs.mountpoint("mnt");
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        Files.writeString(mountpoint.resolve("old"), "under the first key");
        qsfs.qsfs("flush").succeeded();
    }

    @AfterEach
    void stop() throws IOException {
        qsfs.close();
    }

    @Test
    @DisplayName(
            "are added, removed and rotated while it is in use; a passphrase then mounts it, the removed key file does not")
    void life() throws Exception {
        JsonNode first = qsfs.qsfs("key", "list", "--json").succeeded().json();
        assertThat(first.path("generation").asLong()).isEqualTo(1);
        assertThat(first.path("recipients")).hasSize(1);
        assertThat(first.path("recipients").get(0).path("this_machine").asBoolean())
                .isTrue();

        Path words = directory.resolve("words");
        assertThat(qsfs.qsfs("key", "add", "paper", "--passphrase-file", words, "--new")
                        .succeeded()
                        .out())
                .contains("generation 2", "paper");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(words)))
                .isEqualTo("rw-------");
        Path weak = Files.writeString(directory.resolve("weak"), "secret\n");
        Files.setPosixFilePermissions(weak, PosixFilePermissions.fromString("rw-------"));
        qsfs.qsfs("key", "add", "weak", "--passphrase-file", weak).failed(1);
        Files.setPosixFilePermissions(weak, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(qsfs.qsfs("key", "add", "weak", "--passphrase-file", weak)
                        .failed(1)
                        .err())
                .contains("chmod 600");
        assertThat(qsfs.qsfs("key", "add", "paper", "--passphrase-file", words)
                        .failed(1)
                        .err())
                .contains("paper");

        Path keyFile = directory.resolve("other.key");
        qsfs.qsfs("key", "add", "other", "--key-file", keyFile, "--new").succeeded();
        qsfs.qsfs("key", "public", keyFile, directory.resolve("other.pub")).succeeded();
        qsfs.qsfs("key", "add", "third", "--public-key", directory.resolve("other.pub"))
                .succeeded();
        qsfs.qsfs("key", "remove", "third").succeeded();
        assertThat(qsfs.qsfs("key", "remove", "nobody").failed(1).err()).contains("no recipient");
        assertThat(qsfs.qsfs("key", "remove", "key-file").failed(1).err()).contains("--force");

        assertThat(qsfs.qsfs("key", "rotate", "--reencrypt").succeeded().out())
                .contains("master key 2", "segments encrypted again");
        JsonNode rotated = qsfs.qsfs("key", "list", "--json").succeeded().json();
        assertThat(rotated.path("current_version").asLong()).isEqualTo(2);
        assertThat(rotated.path("versions").get(0).path("segments").asLong()).isZero();
        Files.writeString(mountpoint.resolve("new"), "under the second key");
        qsfs.qsfs("key", "remove", "key-file", "--force").succeeded();
        qsfs.qsfs("umount", mountpoint).succeeded();

        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err()).contains("cannot be unlocked with");
        Path config = qsfs.home().resolve("qsfs.toml");
        String text = Files.readString(config);
        Files.writeString(config, "passphrase_file = \"" + words + "\"\n" + text);
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        qsfs.qsfs("cache", "evict", "--all").succeeded();
        assertThat(mountpoint.resolve("old")).hasContent("under the first key");
        assertThat(mountpoint.resolve("new")).hasContent("under the second key");
        qsfs.qsfs("umount", mountpoint).succeeded();
        Files.writeString(config, "key_file = \"" + keyFile + "\"\n" + text);
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("old")).hasContent("under the first key");
    }
}
