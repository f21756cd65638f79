/**
 * The stor engine from end to end, on backend processes of this machine: {@link org.qsfs.benchmarks.stor.StorComparison} is the program, results are in {@code
 * docs/benchmarks/stor.md}.
 */
@NullMarked
package org.qsfs.benchmarks.stor;

import org.jspecify.annotations.NullMarked;
