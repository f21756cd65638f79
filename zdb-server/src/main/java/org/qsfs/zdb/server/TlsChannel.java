package org.qsfs.zdb.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;

/** The plain bytes of a connection with TLS. One thread reads, one at a time writes; closing ends both. */
final class TlsChannel implements ByteChannel, GatheringByteChannel {
    /** Bytes of a TLS record. */
    private static final int RECORD_BYTES = 16 << 10;

    private final SocketChannel channel;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] received = new byte[RECORD_BYTES];
    private final byte[] sent = new byte[RECORD_BYTES];

    /** The handshake is made by the first read or write. */
    TlsChannel(SocketChannel channel, TlsIdentity identity) throws IOException {
        this.channel = channel;
        this.socket = identity.wrap(channel.socket());
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        int n = in.read(received, 0, Math.min(received.length, dst.remaining()));
        if (n > 0) {
            dst.put(received, 0, n);
        }
        return n;
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        int all = src.remaining();
        while (src.hasRemaining()) {
            int n = Math.min(sent.length, src.remaining());
            src.get(sent, 0, n);
            out.write(sent, 0, n);
        }
        return all;
    }

    /** Fills records with what is in several buffers. */
    @Override
    public long write(ByteBuffer[] parts, int offset, int length) throws IOException {
        long all = 0;
        int filled = 0;
        for (int i = offset; i < offset + length; i++) {
            all += parts[i].remaining();
            while (parts[i].hasRemaining()) {
                int n = Math.min(sent.length - filled, parts[i].remaining());
                parts[i].get(sent, filled, n);
                filled += n;
                if (filled == sent.length) {
                    out.write(sent, 0, filled);
                    filled = 0;
                }
            }
        }
        if (filled > 0) {
            out.write(sent, 0, filled);
        }
        return all;
    }

    @Override
    public long write(ByteBuffer[] parts) throws IOException {
        return write(parts, 0, parts.length);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Tells the client that this is the end, and closes. */
    @Override
    public void close() throws IOException {
        try (channel) {
            socket.close();
        }
    }
}
