package org.qsfs.zdb.engine;

import java.nio.file.Path;

/** Brings back data files that were moved away from the local disk. Called by the thread that needs the value, without locks. */
public interface Offload {
    /** Restores exactly this path; false when that is not possible. */
    boolean restore(Path dataFile);

    /** Nothing is kept elsewhere. */
    Offload NONE = path -> false;
}
