package org.qsfs.stor.backend;

import java.time.Duration;
import org.qsfs.stor.segment.BackendId;

/**
 * What is known of a backend at one moment.
 *
 * @param id its stable id
 * @param address host, port and namespace, for people
 * @param group the group it belongs to
 * @param state how it behaves
 * @param detail why it is not healthy, empty when it is
 * @param latency time of a read, median of the last few
 * @param freeBytes bytes that it can still take; {@link Long#MAX_VALUE} when not known or without limit
 * @param liveBytes bytes of live values in its namespace; 0 when not known
 * @param acknowledgesAfterSync whether an acknowledged value is on its disk
 * @param terms how much it is to get
 */
public record BackendStatus(
        BackendId id,
        String address,
        String group,
        BackendState state,
        String detail,
        Duration latency,
        long freeBytes,
        long liveBytes,
        boolean acknowledgesAfterSync,
        BackendTerms terms) {}
