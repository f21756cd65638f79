/** Command line and daemon. */
@NullMarked
package org.qsfs.cli;

import org.jspecify.annotations.NullMarked;
