package org.qsfs.fuse.kernel;

/** How requests get into the buffer of one worker, and replies out of it. For the thread of that worker. */
interface Transport extends AutoCloseable {
    /** Waits for a request and puts it into the exchange. @return bytes received, or a negated error number */
    long receive(Exchange exchange);

    /** Sends the reply in the exchange, at the latest when the next request is waited for. @return false when the kernel is known to have forgotten the request */
    boolean send(Exchange exchange, int total);

    @Override
    void close();
}
