package org.qsfs.stor.scenario;

import java.time.Duration;
import org.qsfs.stor.backend.PoolSettings;

/** Other deadlines towards backends than a scenario usually has. */
final class Deadlines {
    private Deadlines() {}

    /** Calls may take a minute. */
    static PoolSettings patient(PoolSettings settings) {
        Duration minute = Duration.ofMinutes(1);
        return new PoolSettings(
                minute, minute, minute, minute, minute, settings.connections(), settings.reserveBytes());
    }

    /** Calls may take a second. */
    static PoolSettings hasty(PoolSettings settings) {
        Duration second = Duration.ofSeconds(1);
        return new PoolSettings(
                second,
                second,
                second,
                second,
                settings.probeInterval(),
                settings.connections(),
                settings.reserveBytes());
    }

    /** The monitor looks once, so that only calls tell of trouble. */
    static PoolSettings blind(PoolSettings settings) {
        return new PoolSettings(
                settings.connect(),
                settings.read(),
                settings.write(),
                settings.probe(),
                Duration.ofMinutes(1),
                settings.connections(),
                0);
    }
}
