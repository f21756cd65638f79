package org.qsfs.fs.journal;

import java.time.Duration;
import java.util.List;

/**
 * What recovery found and did.
 *
 * @param clean nothing was damaged, nothing was cut, nothing had to be replayed; so after every orderly close
 * @param lastSequence last transaction of the journal
 * @param replayed transactions that the index did not have
 * @param indexRebuilt whether the index was built from the journal; it was missing, damaged, or not to be trusted
 * @param cutMetaBytes bytes that were cut off the meta namespace because they were never durable
 * @param damage where the journal is damaged although it was durable; in order
 * @param took time of the recovery
 */
public record RecoveryReport(
        boolean clean,
        long lastSequence,
        long replayed,
        boolean indexRebuilt,
        long cutMetaBytes,
        List<JournalDamage> damage,
        Duration took) {}
