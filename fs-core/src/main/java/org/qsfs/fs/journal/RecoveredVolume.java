package org.qsfs.fs.journal;

import org.qsfs.fs.rows.RowStore;

/**
 * A volume that was opened.
 *
 * @param journal to commit to; closing it closes everything
 * @param rows to read from
 * @param counters behind the last transaction
 * @param report what was found
 */
public record RecoveredVolume(Journal journal, RowStore rows, VolumeCounters counters, RecoveryReport report) {}
