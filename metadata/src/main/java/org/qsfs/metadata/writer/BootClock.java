package org.qsfs.metadata.writer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Time since the machine was switched on, suspend included (CLOCK_BOOTTIME). {@link System#nanoTime} stands still while a
 * laptop sleeps, so a lease measured by it would look fresh long after others have taken over.
 *
 * <p>Linux shows this clock as the first number of {@code /proc/uptime}, in hundredths of a second. Where there is no such
 * file {@code nanoTime} must do.
 */
public interface BootClock {

    /** Nanoseconds since some moment before the process began; never goes back. */
    long nanos();

    /** The system's clock. */
    static BootClock system() {
        Path uptime = Path.of("/proc/uptime");
        return Files.isReadable(uptime) ? () -> read(uptime) : System::nanoTime;
    }

    private static long read(Path uptime) {
        try {
            String text = Files.readString(uptime, StandardCharsets.US_ASCII);
            int dot = text.indexOf('.');
            long seconds = Long.parseLong(text.substring(0, dot));
            long hundredths = Long.parseLong(text.substring(dot + 1, dot + 3));
            return Duration.ofSeconds(seconds).plusMillis(10 * hundredths).toNanos();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read " + uptime, e);
        }
    }
}
