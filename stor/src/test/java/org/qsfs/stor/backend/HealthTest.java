package org.qsfs.stor.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What is known of a backend")
class HealthTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    @DisplayName("is that one which was slow once gets reads again, the later the slower it was")
    void slowOnce() {
        Health slow = new Health();
        Health verySlow = new Health();
        slow.readSucceeded(8 * MILLI, 0);
        verySlow.readSucceeded(64 * MILLI, 0);
        assertThat(slow.expectedNanos(0)).isEqualTo(8 * MILLI);
        assertThat(slow.expectedNanos(4 * SECOND)).isEqualTo(2 * MILLI);
        assertThat(verySlow.expectedNanos(4 * SECOND)).isEqualTo(16 * MILLI);
        assertThat(verySlow.expectedNanos(10 * SECOND)).isEqualTo(2 * MILLI);
        assertThat(verySlow.expectedNanos(300 * SECOND)).isZero();
        assertThat(slow.latencyNanos(4 * SECOND)).as("what is shown").isEqualTo(8 * MILLI);
    }

    @Test
    @DisplayName("is the usual one: a single slow read does not count, several do")
    void usual() {
        Health health = new Health();
        for (int read = 0; read < 4; read++) {
            health.readSucceeded(2 * MILLI, 0);
        }
        health.readSucceeded(90 * MILLI, 0);
        assertThat(health.expectedNanos(0)).isEqualTo(2 * MILLI);
        health.readSucceeded(70 * MILLI, 0);
        health.readSucceeded(80 * MILLI, 0);
        assertThat(health.expectedNanos(0)).isEqualTo(70 * MILLI);
    }

    @Test
    @DisplayName("recovers with the second read when the first one was slow")
    void slowFirst() {
        Health health = new Health();
        health.readSucceeded(50 * MILLI, 0);
        health.readSucceeded(2 * MILLI, 0);
        assertThat(health.expectedNanos(0)).isEqualTo(2 * MILLI);
    }
}
