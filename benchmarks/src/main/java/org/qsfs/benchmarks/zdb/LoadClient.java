package org.qsfs.benchmarks.zdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection that costs little: requests are made once and only changed in place, replies are counted and thrown away. */
final class LoadClient implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;

    LoadClient(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** A request without value; the reply's first line. */
    String call(String... words) throws IOException {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            request.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        send(request.toString().getBytes(StandardCharsets.US_ASCII), request.length());
        StringBuilder line = new StringBuilder();
        for (int b = next(); b != '\n'; b = next()) {
            line.append((char) b);
        }
        if (line.charAt(0) == '$' && line.charAt(1) != '-') {
            skip(Integer.parseInt(line.substring(1).strip()) + 2);
        }
        return line.toString().strip();
    }

    void send(byte[] requests, int length) throws IOException {
        out.write(requests, 0, length);
    }

    /** Takes one reply: a status, a number or a bulk string; an error is thrown. Returns the bytes of the bulk string, -1 for nil. */
    int reply() throws IOException {
        int kind = next();
        int number = 0;
        boolean negative = false;
        StringBuilder error = new StringBuilder();
        for (int b = next(); b != '\n'; b = next()) {
            if (kind == '-') {
                error.append((char) b);
            } else if (b == '-') {
                negative = true;
            } else if (b >= '0' && b <= '9') {
                number = 10 * number + b - '0';
            }
        }
        if (kind == '-') {
            throw new IOException("the server says: " + error.toString().strip());
        }
        if (kind != '$') {
            return 0;
        }
        if (negative) {
            return -1;
        }
        skip(number + 2);
        return number;
    }

    private int next() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++];
    }

    private void skip(int count) throws IOException {
        int left = count;
        while (left > end - at) {
            left -= end - at;
            fill();
        }
        at += left;
    }

    private void fill() throws IOException {
        at = 0;
        end = in.read(buffer, 0, buffer.length);
        if (end <= 0) {
            end = 0;
            throw new EOFException("the server closed the connection");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
