/**
 * The configuration file: TOML with zstor's key names where zstor has them.
 *
 * <p>{@link org.qsfs.cli.config.ConfigFile} reads a file into an immutable {@link org.qsfs.cli.config.Config}; everything that is wrong with the file is found
 * in one pass and thrown as one {@link org.qsfs.cli.config.ConfigException}, each {@link org.qsfs.cli.config.Problem} naming file, line, key, what was found,
 * what was expected and, for an unknown key, the nearest legal spelling. {@link org.qsfs.cli.config.ConfigText} writes the effective configuration with
 * secrets masked.
 *
 * <p>Invariant: a {@code Config} that exists is consistent in itself; whether its backends answer and its placement is possible is not known here.
 * All types but the parser's own reader are immutable and safe for any thread.
 */
@NullMarked
package org.qsfs.cli.config;

import org.jspecify.annotations.NullMarked;
