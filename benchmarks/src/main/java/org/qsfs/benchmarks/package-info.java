/**
 * JMH benchmarks and end-to-end comparisons; nothing of the product depends on it.
 *
 * <p>Classes named {@code …Benchmark} are JMH's. Results, with the machine they were taken on, are in
 * {@code docs/benchmarks}.
 */
@NullMarked
package org.qsfs.benchmarks;

import org.jspecify.annotations.NullMarked;
