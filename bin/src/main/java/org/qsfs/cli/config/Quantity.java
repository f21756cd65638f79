package org.qsfs.cli.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes and durations with units, as people write them.
 *
 * <p>Sizes: {@code 64MiB}, {@code 64M} and {@code 64m} are powers of 1024, {@code 64MB} is a power of 1000, a plain number is bytes. Durations need a unit:
 * {@code 500ms}, {@code 1s}, {@code 15m}, {@code 24h}, {@code 7d}. A fraction is allowed ({@code 1.5GiB}).
 */
public final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
    private static final Map<String, Long> SIZES = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("k", 1L << 10),
            Map.entry("kib", 1L << 10),
            Map.entry("kb", 1_000L),
            Map.entry("m", 1L << 20),
            Map.entry("mib", 1L << 20),
            Map.entry("mb", 1_000_000L),
            Map.entry("g", 1L << 30),
            Map.entry("gib", 1L << 30),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("t", 1L << 40),
            Map.entry("tib", 1L << 40),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("p", 1L << 50),
            Map.entry("pib", 1L << 50),
            Map.entry("pb", 1_000_000_000_000_000L));
    private static final Map<String, Long> MILLISECONDS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private Quantity() {}

    /** @return bytes; empty when the text is no size */
    public static Optional<Long> size(String text) {
        return scaled(text.toLowerCase(Locale.ROOT), SIZES);
    }

    /** @return the duration in whole milliseconds; empty when the text is none or lacks its unit */
    public static Optional<Duration> duration(String text) {
        return scaled(text, MILLISECONDS).map(Duration::ofMillis);
    }

    /** The shortest exact spelling in binary units: {@code 67108864} is {@code 64MiB}. */
    public static String formatSize(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value != 0 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + units[unit];
    }

    /** For people: three digits and a binary unit, {@code 1.50 GiB}. */
    public static String humanSize(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        int unit = 0;
        double value = bytes;
        while (unit < units.length - 1 && value >= 1000) {
            value /= 1024;
            unit++;
        }
        if (unit == 0) {
            return bytes + " B";
        }
        return String.format(
                Locale.ROOT, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    /** The shortest exact spelling: 900 s is {@code 15m}. */
    public static String formatDuration(Duration duration) {
        long milliseconds = duration.toMillis();
        for (Map.Entry<String, Long> unit : java.util.List.of(
                Map.entry("d", 86_400_000L),
                Map.entry("h", 3_600_000L),
                Map.entry("m", 60_000L),
                Map.entry("s", 1_000L))) {
            if (milliseconds != 0 && milliseconds % unit.getValue() == 0) {
                return milliseconds / unit.getValue() + unit.getKey();
            }
        }
        return milliseconds + "ms";
    }

    private static Optional<Long> scaled(String text, Map<String, Long> units) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        Long unit = units.get(form.group(2));
        if (unit == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BigDecimal(form.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .toBigIntegerExact()
                    .longValueExact());
        } catch (ArithmeticException tooBigOrNotWhole) {
            return Optional.empty();
        }
    }
}
