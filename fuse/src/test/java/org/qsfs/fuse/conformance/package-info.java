/**
 * What POSIX and Linux ask of a filesystem, as a table of rules. A {@link org.qsfs.fuse.conformance.Rule} has a sentence for a name and makes real system calls, as
 * several users, in a {@link org.qsfs.fuse.conformance.Place} of its own. The same rules run in a directory of the host and on mounts of both bindings: what the
 * host does and a mount does not is a failure.
 */
package org.qsfs.fuse.conformance;
