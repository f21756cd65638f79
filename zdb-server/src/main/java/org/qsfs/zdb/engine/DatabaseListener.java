package org.qsfs.zdb.engine;

import java.util.SortedSet;

/** Told what happens to namespaces. Called while the namespace waits, so it must hand over longer work. */
public interface DatabaseListener {
    /** A pair of files was closed. */
    default void jumped(Namespace namespace, Jump jump) {}

    default void created(String namespace) {}

    default void updated(String namespace) {}

    default void deleted(String namespace) {}

    default void reloaded(String namespace) {}

    default void flushed(String namespace) {}

    /** The database closes; the namespace's files are complete. */
    default void closing(Namespace namespace, SortedSet<Integer> dirty) {}

    /** Listens to nothing. */
    DatabaseListener NONE = new DatabaseListener() {};
}
