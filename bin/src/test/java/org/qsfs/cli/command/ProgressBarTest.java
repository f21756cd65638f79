package org.qsfs.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The progress bar")
class ProgressBarTest {
    private final StringWriter err = new StringWriter();

    @Test
    @DisplayName("shows phase, share and amounts")
    void line() {
        assertThat(ProgressBar.line("uploading", 3 << 20, 8 << 20, "bytes"))
                .isEqualTo("uploading [###########-------------------] 37 %  3.00 MiB of 8.00 MiB");
        assertThat(ProgressBar.line("checking", 0, 0, "")).isEqualTo("checking");
        assertThat(ProgressBar.line("x", 9, 4, "segments")).contains("100 %");
    }

    @Test
    @DisplayName("draws on a terminal and goes away at the end")
    void terminal() {
        try (ProgressBar bar = ProgressBar.on(console(true))) {
            bar.report("uploading", 1, 2, "segments");
        }
        assertThat(err.toString()).contains("uploading").endsWith("\r\u001b[K");
    }

    @Test
    @DisplayName("is silent elsewhere")
    void noTerminal() {
        try (ProgressBar bar = ProgressBar.on(console(false))) {
            bar.report("uploading", 1, 2, "segments");
        }
        assertThat(err.toString()).isEmpty();
    }

    private Console console(boolean terminal) {
        return new Console(new PrintWriter(new StringWriter()), new PrintWriter(err, true), terminal);
    }
}
