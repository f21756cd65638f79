package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A volume whose catalog is in four zdb namespaces")
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ZdbCatalogIT {
    @TempDir
    Path directory;

    private Installation first;
    private Installation second;
    private Backends backends;

    @BeforeEach
    void start() throws Exception {
        first = new Installation(Files.createDirectories(directory.resolve("first")));
        second = new Installation(Files.createDirectories(directory.resolve("second")));
        backends = new Backends(first, directory.resolve("backends"), 4);
    }

    @AfterEach
    void stop() throws IOException {
        try (Installation ended = second;
                Installation alsoEnded = first) {
            assertThat(List.of(ended, alsoEnded)).doesNotContainNull();
        }
    }

    @Test
    @DisplayName("is written while one server is down, and goes to another machine only when an operator says so")
    void life() throws Exception {
        Path config = Files.writeString(directory.resolve("qsfs.toml"), configuration());
        Path mountpoint = first.mountpoint("mnt");
        on(first, config, "init").succeeded();
        on(first, config, "mount", mountpoint, "-d").succeeded();
        Files.writeString(mountpoint.resolve("one"), "with four");
        on(first, config, "flush").succeeded();
        backends.kill(1);
        Files.writeString(mountpoint.resolve("two"), "with three");
        on(first, config, "flush").succeeded();
        backends.startAll();
        Installation.kill(first.daemon("e2e").orElseThrow());
        on(first, config, "mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("two")).hasContent("with three");
        Installation.kill(first.daemon("e2e").orElseThrow());

        Path elsewhere = second.mountpoint("mnt");
        Path keys = Files.createDirectories(second.home().resolve("keys"));
        Files.copy(first.home().resolve("keys/e2e.key"), keys.resolve("e2e.key"));
        assertThat(on(second, config, "restore").failed(1).err()).contains("--takeover");
        on(second, config, "restore", "--takeover").succeeded();
        on(second, config, "mount", elsewhere, "-d").succeeded();
        assertThat(elsewhere.resolve("one")).hasContent("with four");
        assertThat(elsewhere.resolve("two")).hasContent("with three");
        on(second, config, "check", "--content").succeeded();
        on(second, config, "umount", elsewhere).succeeded();
        assertThat(on(first, config, "mount", mountpoint, "-d").failed(1).err()).contains("--discard-local");
    }

    private static Installation.Result on(Installation machine, Path config, Object... words)
            throws IOException, InterruptedException {
        List<Object> arguments = new ArrayList<>(List.of(words));
        arguments.add("--config");
        arguments.add(config);
        return machine.qsfs(arguments.toArray());
    }

    /** The catalog is on the same servers as the data, in namespaces of its own. */
    private String configuration() {
        String text =
                backends.config(List.of("http://unused:1")).replace("redundant_groups = 2", "redundant_groups = 1");
        StringBuilder catalog = new StringBuilder("[meta]\ntype = \"zdb\"\n[meta.config]\nprefix = \"it\"\n");
        Matcher addresses = Pattern.compile("address = \"[^\"]*\"").matcher(text);
        while (addresses.find()) {
            catalog.append("[[meta.config.backends]]\n")
                    .append(addresses.group())
                    .append("\nnamespace = \"meta\"\n");
        }
        return text.substring(0, text.indexOf("[meta]")) + catalog + text.substring(text.indexOf("[[groups]]"));
    }
}
