package org.qsfs.fuse.kernel;

import org.qsfs.fs.Interruption;
import org.qsfs.fuse.session.RequestSource;
import org.qsfs.fuse.system.Linux;

/** One thread's descriptor and buffer. */
final class KernelWorker implements RequestSource.Worker {
    private final KernelConnection connection;
    private final Dispatcher dispatcher;
    private final Exchange exchange;
    private final int descriptor;
    private final Interruption interruption = new Interruption(Interruption.Watch.NOTHING);

    KernelWorker(KernelConnection connection, Dispatcher dispatcher, Exchange exchange, int descriptor) {
        this.connection = connection;
        this.dispatcher = dispatcher;
        this.exchange = exchange;
        this.descriptor = descriptor;
    }

    int descriptor() {
        return descriptor;
    }

    @Override
    public boolean receive() {
        while (true) {
            long received = exchange.receive(descriptor);
            if (received > 0) {
                return true;
            }
            // ENOENT: the caller was interrupted before we took its request. All else (ENODEV after unmount) is the
            // end.
            if (received != -Linux.EINTR && received != -Linux.EAGAIN && received != -Linux.ENOENT) {
                return false;
            }
        }
    }

    @Override
    public void handle() {
        interruption.begin(exchange.unique());
        dispatcher.handle(exchange);
        interruption.end();
    }

    @Override
    public Interruption interruption() {
        return interruption;
    }

    @Override
    public void close() {
        connection.returned(this);
    }
}
