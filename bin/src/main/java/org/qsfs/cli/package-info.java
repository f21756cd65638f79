/**
 * The command line: {@link org.qsfs.cli.Main} is where {@code bin/qsfs} enters.
 *
 * <p>Sub-packages are concepts: {@code config} reads the configuration file, {@code home} knows where things lie, {@code admin} is the socket between commands
 * and a daemon, {@code daemon} is the process behind a mount, {@code command} has one class per command. A command that changes a volume runs inside the
 * volume's daemon; the class in {@code command} only asks for it and shows the answer.
 *
 * <p>Invariants: results go to standard output, everything else to standard error, progress only to a terminal, logs to neither. Exit codes: 0 done, 1 failed,
 * 2 wrong usage, 3 degraded.
 */
@NullMarked
package org.qsfs.cli;

import org.jspecify.annotations.NullMarked;
