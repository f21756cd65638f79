/**
 * What keeps work within bounds: memory ({@link org.qsfs.stor.flow.MemoryBudget}), the precedence of reads ({@link org.qsfs.stor.flow.ForegroundWork}), one change of
 * a segment at a time ({@link org.qsfs.stor.flow.SegmentLocks}), what is done again and again ({@link org.qsfs.stor.flow.RepeatedWork}), an orderly end ({@link org.qsfs.stor.flow.Gate}).
 */
@NullMarked
package org.qsfs.stor.flow;

import org.jspecify.annotations.NullMarked;
