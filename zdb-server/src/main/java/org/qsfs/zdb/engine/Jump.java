package org.qsfs.zdb.engine;

import java.nio.file.Path;
import java.util.SortedSet;

/**
 * A pair of files was closed and the next one opened.
 *
 * @param dirty numbers of index files that were changed in place and not reported yet
 */
public record Jump(Path oldIndex, Path newIndex, Path oldData, Path newData, SortedSet<Integer> dirty) {}
