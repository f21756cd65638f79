package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the README tells its reader to run. */
@DisplayName("The README")
class ReadmeIT {
    private static final Pattern TOUR = Pattern.compile("## Five-minute tour\\R.*?```sh\\R(.*?)```", Pattern.DOTALL);

    @TempDir
    Path directory;

    @Test
    @DisplayName("has a five-minute tour that works as printed")
    void tour() throws IOException, InterruptedException {
        try (Installation qsfs = new Installation(directory)) {
            Path mountpoint = qsfs.mountpoint("mnt");
            Path repository = qsfs.launcher().getParent().getParent();
            Matcher tour = TOUR.matcher(Files.readString(repository.resolve("README.md")));
            assertThat(tour.find()).isTrue();
            String script = "set -ex\ncd '%s'\n".formatted(repository)
                    + tour.group(1)
                            .replace("/tmp/qsfs-tour", qsfs.home().toString())
                            .replace("/tmp/qsfs-mnt", mountpoint.toString());

            qsfs.run(Duration.ofMinutes(5), List.of("bash", "-c", script)).succeeded();
        }
    }
}
