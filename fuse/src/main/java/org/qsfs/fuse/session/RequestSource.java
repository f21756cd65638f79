package org.qsfs.fuse.session;

import org.qsfs.fs.Interruption;

/** Where workers get requests from. */
public interface RequestSource {
    /** How many queues the kernel gives requests out by. What waits in one is not seen by the workers of another. */
    default int queues() {
        return 1;
    }

    /** Workers of each queue but the first, from the begin to the end. */
    default int workersPerQueue() {
        return 0;
    }

    /** Buffers of a new worker of a queue, which is counted from 0; used and closed by the thread that called. */
    Worker newWorker(int queue);

    /** Called now and then while requests are answered, and before a calm time. Must not throw. */
    default void tidy() {}

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
