/**
 * What tests of storing and reading stand on: a proxy that does to connections what networks do ({@link org.qsfs.stor.testing.FaultProxy}), a zdb in memory whose
 * values can be damaged ({@link org.qsfs.stor.testing.MemoryZdb}), and sentences to write scenarios with ({@link org.qsfs.stor.testing.Scenario}). Published as test
 * jar.
 */
@NullMarked
package org.qsfs.stor.testing;

import org.jspecify.annotations.NullMarked;
