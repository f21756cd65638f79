/**
 * The commands, one class each, as picocli sees them.
 *
 * <p>{@link org.qsfs.cli.command.Qsfs} is the root; {@link org.qsfs.cli.command.Console} is where they write; {@link org.qsfs.cli.command.VolumeOptions} says
 * which volume is meant and finds its daemon. A command throws {@link org.qsfs.cli.admin.CommandFailure} for what the user is to read.
 */
@NullMarked
package org.qsfs.cli.command;

import org.jspecify.annotations.NullMarked;
