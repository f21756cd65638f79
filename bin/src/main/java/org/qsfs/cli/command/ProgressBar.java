package org.qsfs.cli.command;

import java.io.PrintWriter;
import java.util.Locale;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Quantity;

/** One line on a terminal that shows how far a command is, and goes away at the end. */
final class ProgressBar implements Progress, AutoCloseable {
    private static final int WIDTH = 30;

    private final PrintWriter terminal;
    private boolean drawn;

    private ProgressBar(PrintWriter terminal) {
        this.terminal = terminal;
    }

    /** Draws when standard error is a terminal, else stays silent. */
    static ProgressBar on(Console console) {
        return console.terminal()
                ? new ProgressBar(console.err())
                : new ProgressBar(new PrintWriter(PrintWriter.nullWriter()));
    }

    @Override
    public synchronized void report(String phase, long done, long total, String unit) {
        drawn = true;
        terminal.print("\r\u001b[K" + line(phase, done, total, unit));
        terminal.flush();
    }

    /** The text of the line: {@code uploading [######------] 37 %  3.0 MiB of 8.0 MiB}. */
    static String line(String phase, long done, long total, String unit) {
        if (total <= 0) {
            return phase + (done > 0 ? " " + amount(done, unit) : "");
        }
        long capped = Math.clamp(done, 0, total);
        int filled = (int) ((double) capped / total * WIDTH);
        return String.format(
                Locale.ROOT,
                "%s [%s%s] %d %%  %s of %s",
                phase,
                "#".repeat(filled),
                "-".repeat(WIDTH - filled),
                (int) ((double) capped / total * 100),
                amount(done, unit),
                amount(total, unit));
    }

    private static String amount(long value, String unit) {
        return unit.equals("bytes") ? Quantity.humanSize(value) : value + " " + unit;
    }

    @Override
    public synchronized void close() {
        if (drawn) {
            terminal.print("\r\u001b[K");
            terminal.flush();
        }
    }
}
