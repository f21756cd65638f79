package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.offload.Terms.Term;

@DisplayName("The state file of a volume")
class LocalStateTest {
    @TempDir
    Path directory;

    private final LocalState state =
            new LocalState(VolumeId.random(), new Terms(List.of(new Term(1, 0, 0), new Term(2, 17, 5))));

    @Test
    @DisplayName("is read as it was written")
    void roundTrip() throws IOException {
        Path file = directory.resolve("state");
        state.write(file);
        state.write(file);
        assertThat(LocalState.read(file)).contains(state);
        assertThat(directory.toFile().list()).containsExactly("state");
    }

    @Test
    @DisplayName("may be missing")
    void missing() throws IOException {
        assertThat(LocalState.read(directory.resolve("state"))).isEmpty();
    }

    @Test
    @DisplayName("is refused with its name when any byte of it changed or the end is missing")
    void damage() throws IOException {
        Path file = directory.resolve("state");
        state.write(file);
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(file, bad);
            assertThatThrownBy(() -> LocalState.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }
        for (int length = 0; length < good.length - 1; length++) {
            Files.write(file, java.util.Arrays.copyOf(good, length));
            assertThatThrownBy(() -> LocalState.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }
    }
}
