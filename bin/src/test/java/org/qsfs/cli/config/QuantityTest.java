package org.qsfs.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "64MiB,67108864",
        "64M,67108864",
        "64m,67108864",
        "64MB,64000000",
        "64 MiB,67108864",
        "4096,4096",
        "1.5GiB,1610612736",
        "0,0",
        "1k,1024"
    })
    void sizes(String text, long bytes) {
        assertThat(Quantity.size(text)).contains(bytes);
    }

    @ParameterizedTest
    @CsvSource({"64 parsecs", "-1", "MiB", "1.5", "9999999PiB", "1e9", "''"})
    void noSizes(String text) {
        assertThat(Quantity.size(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"15m,900000", "1s,1000", "500ms,500", "24h,86400000", "7d,604800000", "1.5s,1500"})
    void durations(String text, long milliseconds) {
        assertThat(Quantity.duration(text)).contains(Duration.ofMillis(milliseconds));
    }

    @ParameterizedTest
    @CsvSource({"15", "15M", "m", "-1s", "0.0001s", "1 week"})
    void noDurations(String text) {
        assertThat(Quantity.duration(text)).isEmpty();
    }

    @Property
    void whatIsWrittenIsRead(@ForAll @LongRange(min = 0, max = 1L << 56) long value) {
        assertThat(Quantity.size(Quantity.formatSize(value))).contains(value);
        Duration duration = Duration.ofMillis(value >> 20);
        assertThat(Quantity.duration(Quantity.formatDuration(duration))).contains(duration);
    }

    @Test
    void forPeople() {
        assertThat(Quantity.humanSize(999)).isEqualTo("999 B");
        assertThat(Quantity.humanSize(1536)).isEqualTo("1.50 KiB");
        assertThat(Quantity.humanSize(500L << 20)).isEqualTo("500 MiB");
        assertThat(Quantity.humanSize(1023L << 20)).isEqualTo("1.00 GiB");
    }
}
