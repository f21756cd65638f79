/**
 * The filesystem through a mount, beside a directory of the host: {@link org.qsfs.benchmarks.filesystem.FilesystemComparison} runs the
 * {@link org.qsfs.benchmarks.filesystem.Workload}s in turns on each place and prints medians. Each mount is a process of its own ({@link org.qsfs.benchmarks.filesystem.MountProcess}), a
 * volume without backends, so that uploads do not compete for the processors.
 */
@NullMarked
package org.qsfs.benchmarks.filesystem;

import org.jspecify.annotations.NullMarked;
