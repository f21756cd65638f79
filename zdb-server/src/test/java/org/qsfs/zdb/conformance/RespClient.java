package org.qsfs.zdb.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small RESP client that shows replies as they are. */
public final class RespClient implements AutoCloseable {
    /** Longest wait for a reply. */
    private static final int TIMEOUT_MILLIS = 10_000;

    /** A reply: kind is simple, error, integer, bulk, nil, array or closed. */
    public record Reply(String kind, byte[] bytes, long number, List<Reply> elements) {
        static Reply of(String kind) {
            return new Reply(kind, new byte[0], 0, List.of());
        }

        public String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return switch (kind) {
                case "integer" -> ":" + number;
                case "array" -> elements.toString();
                case "nil", "closed" -> kind;
                default -> kind + " '" + (bytes.length > 300 ? text().substring(0, 300) + "…" : text()) + "'";
            };
        }
    }

    private final @Nullable Socket socket;
    private final Closeable connection;
    private final InputStream in;
    private final OutputStream out;

    public RespClient(int port) throws IOException {
        this(new InetSocketAddress("localhost", port));
    }

    public RespClient(InetSocketAddress address) throws IOException {
        this(connect(address));
    }

    /** Talks through a connected socket, which may be one with TLS. */
    public RespClient(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        connection = socket;
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        out = socket.getOutputStream();
    }

    /** Talks through a unix socket, without limits on time. */
    public RespClient(Path unixSocket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(unixSocket));
        socket = null;
        connection = channel;
        in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
        out = Channels.newOutputStream(channel);
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, TIMEOUT_MILLIS);
        return socket;
    }

    public static byte[] request(byte[]... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + arguments.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] argument : arguments) {
            bytes.writeBytes(("$" + argument.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(argument);
            bytes.writeBytes(new byte[] {'\r', '\n'});
        }
        return bytes.toByteArray();
    }

    public Reply call(String... arguments) throws IOException {
        byte[][] bytes = new byte[arguments.length][];
        for (int i = 0; i < arguments.length; i++) {
            bytes[i] = arguments[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return call(bytes);
    }

    public Reply call(byte[]... arguments) throws IOException {
        send(request(arguments));
        return receive();
    }

    public void send(byte[] bytes) throws IOException {
        try {
            out.write(bytes);
        } catch (SocketException e) {
            // the server has closed; receiving will tell
        }
    }

    public Reply receive() throws IOException {
        try {
            return read();
        } catch (EOFException | SocketException e) {
            return Reply.of("closed");
        }
    }

    /** So many replies, and then those that come until nothing comes for so long; the last one is "closed" when the server closed. */
    public List<Reply> drain(int least, int quietMillis) throws IOException {
        if (socket == null) {
            throw new IllegalStateException("a unix socket is not asked for silence");
        }
        List<Reply> replies = new ArrayList<>();
        try {
            while (replies.size() < least
                    && (replies.isEmpty() || !replies.getLast().kind().equals("closed"))) {
                replies.add(receive());
            }
            socket.setSoTimeout(quietMillis);
            while (replies.isEmpty() || !replies.getLast().kind().equals("closed")) {
                replies.add(receive());
            }
        } catch (SocketTimeoutException e) {
            // silence
        } finally {
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }
        return replies;
    }

    private Reply read() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new Reply("simple", rest.getBytes(StandardCharsets.ISO_8859_1), 0, List.of());
            case '-' -> new Reply("error", rest.getBytes(StandardCharsets.ISO_8859_1), 0, List.of());
            case ':' ->
                new Reply("integer", rest.getBytes(StandardCharsets.ISO_8859_1), Long.parseLong(rest), List.of());
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> {
                List<Reply> elements = new ArrayList<>();
                for (int i = Integer.parseInt(rest); i > 0; i--) {
                    elements.add(read());
                }
                yield new Reply("array", new byte[0], 0, elements);
            }
            default -> throw new IOException("not a reply: " + line);
        };
    }

    private Reply bulk(int length) throws IOException {
        if (length < 0) {
            return Reply.of("nil");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || in.read() != '\r' || in.read() != '\n') {
            throw new EOFException();
        }
        return new Reply("bulk", bytes, 0, List.of());
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            line.append((char) b);
        }
        if (line.length() < 2 || line.charAt(line.length() - 1) != '\r') {
            throw new IOException("not a reply line: " + line);
        }
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
