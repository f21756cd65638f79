/** JMH benchmarks and end-to-end comparisons. */
@NullMarked
package org.qsfs.benchmarks;

import org.jspecify.annotations.NullMarked;
