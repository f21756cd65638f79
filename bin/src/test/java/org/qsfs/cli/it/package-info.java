/** Tests that run {@code bin/qsfs} as a user does. {@link org.qsfs.cli.it.Installation} is one QSFS_HOME with everything that runs out of it. */
@NullMarked
package org.qsfs.cli.it;

import org.jspecify.annotations.NullMarked;
