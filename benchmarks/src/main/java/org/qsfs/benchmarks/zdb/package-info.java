/**
 * Our zdb server beside Debian's redis-server, driven by the same client in the same run: {@code benchmarks/run zdb} runs
 * {@link org.qsfs.benchmarks.zdb.ServerComparison}. Other programs may have the processor at the same time, so the
 * contenders take turns within each round, and what counts is the median of the rounds' ratios.
 */
@NullMarked
package org.qsfs.benchmarks.zdb;

import org.jspecify.annotations.NullMarked;
