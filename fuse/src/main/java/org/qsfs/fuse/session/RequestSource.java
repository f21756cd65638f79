package org.qsfs.fuse.session;

import org.qsfs.fs.Interruption;

/** Where workers get requests from. */
public interface RequestSource {
    /** Buffers of a new worker; used and closed by the thread that called. */
    Worker newWorker();

    /** One worker's side of the connection. */
    interface Worker extends AutoCloseable {
        /** Waits for a request. @return false when there will be no more, because the filesystem was unmounted */
        boolean receive();

        /** Answers the request just received. Must not throw. */
        void handle();

        /** Through which the waits of its requests end. */
        Interruption interruption();

        @Override
        void close();
    }
}
