package org.qsfs.fuse.kernel;

import org.qsfs.fs.Interruption;
import org.qsfs.fuse.session.RequestSource;
import org.qsfs.fuse.system.Linux;

/** One thread's way to the kernel and buffer. */
final class KernelWorker implements RequestSource.Worker {
    private final KernelConnection connection;
    private final Dispatcher dispatcher;
    private final Exchange exchange;
    private final Transport transport;
    private final Interruption interruption = new Interruption(Interruption.Watch.NOTHING);

    KernelWorker(KernelConnection connection, Dispatcher dispatcher, Exchange exchange, Transport transport) {
        this.connection = connection;
        this.dispatcher = dispatcher;
        this.exchange = exchange;
        this.transport = transport;
    }

    Transport transport() {
        return transport;
    }

    @Override
    public boolean receive() {
        while (true) {
            long received = exchange.receive();
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
