package org.qsfs.metadata.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Forwards connections to a server, and on demand lets one answer get lost: the request arrives, then the line is cut. */
final class CuttingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final URI target;
    private final AtomicBoolean cutNextAnswer = new AtomicBoolean();
    private volatile Duration delay = Duration.ZERO;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    CuttingProxy(String target) {
        this.target = URI.create(target);
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String endpoint() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    void cutNextAnswer() {
        cutNextAnswer.set(true);
    }

    /** From now on every answer comes this much later. */
    void delayAnswers(Duration by) {
        delay = by;
    }

    /** Whether the answer was lost by now. */
    boolean hasCut() {
        return !cutNextAnswer.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(target.getHost(), target.getPort());
                open.add(client);
                open.add(server);
                Thread.ofVirtual().start(() -> pump(client, server, false));
                Thread.ofVirtual().start(() -> pump(server, client, true));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[65536];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                // an answer to a commit has at least its headers; acknowledgements of the protocol are shorter
                if (answers && n > 40 && cutNextAnswer.compareAndSet(true, false)) {
                    return;
                }
                if (answers && delay.isPositive()) {
                    Thread.sleep(delay);
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // one side has hung up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
