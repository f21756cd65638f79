/**
 * Looking at everything that is stored, read or not: {@link org.qsfs.stor.scrub.Scrubber} goes through all segments and all their shards, parity included, and has the
 * repairer mend what it finds. {@link org.qsfs.stor.scrub.ScrubSchedule} has it do so from time to time; how far a scrub came is kept in the catalog ({@link
 * org.qsfs.stor.scrub.ScrubState}), so a restart goes on where the last run ended.
 */
@NullMarked
package org.qsfs.stor.scrub;

import org.jspecify.annotations.NullMarked;
