package org.qsfs.zdb.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An access score")
class AccessScoreTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long START = Long.MAX_VALUE - 5 * SECOND; // nanoTime may overflow at any moment

    private final AccessScore score = new AccessScore(START);

    @Test
    @DisplayName("is zero before the first access and halves in an hour after it")
    void halves() {
        assertThat(score.at(START + SECOND)).isZero();
        score.accessed(START);
        assertThat(score.at(START)).isEqualTo(1);
        assertThat(score.at(START + AccessScore.HALF_LIFE_NANOS)).isCloseTo(0.5, within(1e-9));
    }

    @Test
    @DisplayName("counts a burst once and steady reading often")
    void burst() {
        for (int i = 0; i < 1000; i++) {
            score.accessed(START + i);
        }
        assertThat(score.at(START + 1000)).isCloseTo(1, within(1e-6));
        for (int i = 1; i <= 10; i++) {
            score.accessed(START + i * SECOND);
        }
        assertThat(score.at(START + 10 * SECOND)).isCloseTo(11, within(0.05));
    }

    @Test
    @DisplayName("prefers what is read again and again to what was read once, a little later")
    void frequencyAndRecency() {
        AccessScore once = new AccessScore(START);
        once.accessed(START + 60 * SECOND);
        for (int i = 0; i < 5; i++) {
            score.accessed(START + i * SECOND);
        }
        long now = START + 61 * SECOND;
        assertThat(score.at(now)).isGreaterThan(once.at(now));
        long muchLater = now + 5 * AccessScore.HALF_LIFE_NANOS;
        once.accessed(muchLater);
        assertThat(once.at(muchLater)).isGreaterThan(score.at(muchLater));
    }
}
