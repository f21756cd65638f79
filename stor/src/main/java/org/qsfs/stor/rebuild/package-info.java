/**
 * Making the segment records of a lost catalog again from what the backends hold. {@link org.qsfs.stor.rebuild.ShardCensus} lists the shards and proves, one value per attempt, what they belong
 * to, where there are no names {@link org.qsfs.stor.rebuild.SequentialListing}; {@link org.qsfs.stor.rebuild.AttemptFound} is one attempt as it was found; {@link org.qsfs.stor.rebuild.RecordRebuild} turns attempts into records and writes them;
 * {@link org.qsfs.stor.rebuild.IncompleteRebuild} says so in the catalog when these may not be all.
 */
@NullMarked
package org.qsfs.stor.rebuild;

import org.jspecify.annotations.NullMarked;
