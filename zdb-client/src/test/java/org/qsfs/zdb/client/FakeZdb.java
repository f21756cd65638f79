package org.qsfs.zdb.client;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A scripted server: what it answers, and when, is up to the test. */
final class FakeZdb implements AutoCloseable {

    /** Answers one request by writing bytes, or does worse. */
    interface Script {
        void answer(List<String> request, OutputStream out) throws IOException, InterruptedException;
    }

    /** A server without passwords that has every namespace and is empty. */
    static final Script POLITE = (request, out) -> {
        switch (request.getFirst()) {
            case "PING" -> send(out, "+PONG\r\n");
            case "SELECT" -> send(out, "+OK\r\n");
            case "AUTH" -> send(out, "-Command not supported\r\n");
            case "GET" -> send(out, "$-1\r\n");
            case "SET" -> send(out, bulk(request.get(1)));
            default -> send(out, "-Command not supported\r\n");
        }
    };

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<List<String>> requests = new CopyOnWriteArrayList<>();
    private volatile Script script;

    FakeZdb(Script script) {
        this(script, 0);
    }

    FakeZdb(Script script, int port) {
        this.script = script;
        try {
            listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Only these requests are scripted, all others are answered politely. */
    static FakeZdb answering(String command, String reply) {
        return new FakeZdb((request, out) -> {
            if (request.getFirst().equals(command)) {
                send(out, reply);
            } else {
                POLITE.answer(request, out);
            }
        });
    }

    static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    void follow(Script other) {
        script = other;
    }

    ZdbAddress address() {
        return new ZdbAddress("127.0.0.1", listener.getLocalPort());
    }

    /** Every request so far, of all connections; names of commands in upper case. */
    List<List<String>> requests() {
        return requests;
    }

    int openConnections() {
        return open.size();
    }

    void hangUp() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            while (true) {
                List<String> request = read(in);
                requests.add(request);
                script.answer(request, socket.getOutputStream());
            }
        } catch (IOException e) {
            // the client hung up, or the script did
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static List<String> read(DataInputStream in) throws IOException {
        int count = number(in, '*');
        List<String> request = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] argument = new byte[number(in, '$')];
            in.readFully(argument);
            in.readFully(new byte[2]);
            request.add(new String(argument, StandardCharsets.ISO_8859_1));
        }
        request.set(0, request.getFirst().toUpperCase(Locale.ROOT));
        return request;
    }

    private static int number(InputStream in, char kind) throws IOException {
        int first = in.read();
        if (first != kind) {
            throw new IOException("byte " + first + " is no " + kind);
        }
        int value = 0;
        for (int c = in.read(); c != '\r'; c = in.read()) {
            value = value * 10 + (c - '0');
        }
        in.read();
        return value;
    }

    @Override
    public void close() {
        try {
            listener.close();
            hangUp();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
