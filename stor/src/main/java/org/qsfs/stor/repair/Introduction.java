package org.qsfs.stor.repair;

import org.qsfs.stor.backend.Backend;

/** Gives a backend that was met empty what every backend has of the volume as a whole. */
@FunctionalInterface
public interface Introduction {
    /** @return false when it did not take everything; it will be tried again */
    boolean introduce(Backend backend) throws InterruptedException;
}
