package org.qsfs.encryption;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CipherWarmupTest {
    @Test
    void endsByItselfAndKeepsNoProcessAlive() throws InterruptedException {
        Thread thread = CipherWarmup.start();
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }
}
