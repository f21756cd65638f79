/** {@code qsfs doctor}: small independent looks at the machine, each ending in a {@link org.qsfs.cli.doctor.Diagnosis} that says what to do. Changes nothing. */
@NullMarked
package org.qsfs.cli.doctor;

import org.jspecify.annotations.NullMarked;
