package org.qsfs.zdb.client;

import java.time.Duration;

/**
 * How long a call may take.
 *
 * @param connect opening one connection: resolving the name, TCP, authentication, SELECT
 * @param request one call of {@link ZdbClient} in total: waiting for a free connection, opening it, sending, receiving
 */
public record ZdbTimeouts(Duration connect, Duration request) {

    /** 5 s to connect, 30 s in total. */
    public static final ZdbTimeouts DEFAULT = new ZdbTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(30));

    public ZdbTimeouts {
        if (!connect.isPositive() || !request.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive: connect " + connect + ", request " + request);
        }
        if (request.compareTo(Duration.ofDays(1)) > 0 || connect.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "timeouts must not exceed a day: connect " + connect + ", request " + request);
        }
    }
}
