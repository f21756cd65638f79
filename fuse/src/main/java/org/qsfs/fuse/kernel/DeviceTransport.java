package org.qsfs.fuse.kernel;

import org.qsfs.fuse.system.Linux;

/**
 * Reads requests from a descriptor of {@code /dev/fuse} and writes replies to it.
 *
 * @param own the descriptor is closed with this
 */
record DeviceTransport(int descriptor, boolean own) implements Transport {
    /** {@code fuse_in_header} and {@code fuse_write_in}: what precedes file data. */
    private static final int BEFORE_BODY = 80;

    @Override
    public long receive(Exchange exchange) {
        long received =
                Linux.read(descriptor, exchange.incoming(), exchange.incoming().byteSize(), exchange.callState());
        exchange.received(BEFORE_BODY, (int) received);
        return received;
    }

    @Override
    public boolean send(Exchange exchange, int total) {
        return Linux.write(descriptor, exchange.outgoing(), total, exchange.callState()) >= 0;
    }

    @Override
    public void close() {
        if (own) {
            Linux.close(descriptor);
        }
    }
}
