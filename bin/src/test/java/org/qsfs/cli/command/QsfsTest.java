package org.qsfs.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.cli.home.Home;
import picocli.CommandLine;

@DisplayName("qsfs --help")
class QsfsTest {
    @Test
    @DisplayName("names every command once, under a title, in a line")
    void groups() {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()), false);
        CommandLine all = Qsfs.commandLine(console, new Home(Path.of("/nowhere")));
        String usage = all.getUsageMessage();
        for (String name : all.getSubcommands().keySet()) {
            assertThat(usage.lines().filter(line -> line.startsWith("  " + name + " ")))
                    .as(name)
                    .hasSize(1);
        }
        assertThat(usage).contains("Filesystem:", "Single files:").doesNotContain("Others:");
        assertThat(usage.lines()).allMatch(line -> line.length() <= 120);
    }
}
