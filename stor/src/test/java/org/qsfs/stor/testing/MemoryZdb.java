package org.qsfs.stor.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.qsfs.encryption.AttemptId;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbAddress;

/**
 * A zdb server in memory, one namespace in either mode, reachable by TCP on a loopback port. It speaks as much of the protocol as the stor engine uses. Its values can be
 * damaged behind the client's back, which a real one does not allow.
 */
public final class MemoryZdb implements AutoCloseable {
    private final ServerSocket server;
    private static final ByteBuffer PAGE = ByteBuffer.wrap("QSFSPAGE".getBytes(StandardCharsets.US_ASCII));
    /** Ids, 8 bytes little endian, in their order, then names. */
    private static final Comparator<ByteBuffer> ORDER = Comparator.comparingInt(
                    (ByteBuffer key) -> SequentialKey.id(key.array()).isPresent() ? 0 : 1)
            .thenComparingLong(key -> SequentialKey.id(key.array()).orElse(0))
            .thenComparing(Comparator.naturalOrder());

    private final Map<ByteBuffer, byte[]> values = new ConcurrentSkipListMap<>(ORDER);
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private volatile String mode = "userkey";
    private long nextId;
    private volatile int lastInfoEntries;
    private volatile long limitBytes;
    private volatile boolean sync = true;
    private volatile Runnable afterWrite = () -> {};

    private MemoryZdb(ServerSocket server) {
        this.server = server;
    }

    /** Starts a server whose namespace is sequential. */
    public static MemoryZdb startSequential() {
        MemoryZdb zdb = start();
        zdb.mode = "sequential";
        return zdb;
    }

    /** Starts a server whose namespace is in user mode. */
    public static MemoryZdb start() {
        try {
            MemoryZdb zdb = new MemoryZdb(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            Thread.ofVirtual().start(zdb::accept);
            return zdb;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where it listens. */
    public ZdbAddress address() {
        return new ZdbAddress(InetAddress.getLoopbackAddress().getHostAddress(), server.getLocalPort());
    }

    /** Values of shards, by key. */
    public Map<ByteBuffer, byte[]> shards() {
        Map<ByteBuffer, byte[]> shards = new ConcurrentSkipListMap<>(ORDER);
        values.forEach((key, value) -> {
            if (isSequential() ? !isPage(value) : key.get(0) == 'S') {
                shards.put(key, value);
            }
        });
        return shards;
    }

    /** All values, by key; changes are seen by clients. */
    public Map<ByteBuffer, byte[]> values() {
        return values;
    }

    /** From now on every such command is refused with this text, as 0-db words it. */
    public void refuse(String command, String text) {
        refusals.put(command, text);
    }

    /** Refuses nothing any more. */
    public void allow() {
        refusals.clear();
    }

    /** The mode that it says it is in: userkey or sequential. */
    public void mode(String word) {
        mode = word;
    }

    /** Whether its namespace is sequential. */
    public boolean isSequential() {
        return mode.equals("sequential");
    }

    /** Empties the namespace, as FLUSH does: ids begin at 0 again. */
    public synchronized void flush() {
        values.clear();
        nextId = 0;
    }

    private static boolean isPage(byte[] value) {
        return value.length > 8 && ByteBuffer.wrap(value, 0, 8).equals(PAGE);
    }

    /** How many values of an attempt there are. */
    public long valuesOf(AttemptId attempt) {
        return shards().values().stream().filter(value -> isOf(value, attempt)).count();
    }

    /** Loses every value of an attempt. */
    public void lose(AttemptId attempt) {
        values.values().removeIf(value -> isOf(value, attempt));
    }

    private static boolean isOf(byte[] value, AttemptId attempt) {
        return ShardHeader.nameOf(value)
                .filter(name -> name.attempt().equals(attempt))
                .isPresent();
    }

    /** Changes every shard value. */
    public void damageShards(UnaryOperator<byte[]> change) {
        shards().forEach((key, value) -> values.put(key, change.apply(value.clone())));
    }

    /** From now on no more bytes than these are taken; 0 for no limit. */
    public void limit(long bytes) {
        limitBytes = bytes;
    }

    /** Has something happen after each value that is written, before it is acknowledged. */
    public void afterWrite(Runnable action) {
        afterWrite = action;
    }

    /** Whether it says that it acknowledges after sync. */
    public void sync(boolean acknowledgesAfterSync) {
        sync = acknowledgesAfterSync;
    }

    /** GET and CHECK commands served. */
    public int reads() {
        return reads.get();
    }

    /** SET commands served. */
    public int writes() {
        return writes.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            while (true) {
                answer(request(in), out);
                if (in.available() == 0) {
                    out.flush();
                }
            }
        } catch (IOException gone) {
            // the client went away, which is its right
        } finally {
            connections.remove(socket);
        }
    }

    private static List<byte[]> request(InputStream in) throws IOException {
        int count = Integer.parseInt(line(in).substring(1));
        List<byte[]> arguments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = Integer.parseInt(line(in).substring(1));
            arguments.add(in.readNBytes(length));
            line(in);
        }
        return arguments;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        in.read();
        return line.toString();
    }

    private void answer(List<byte[]> request, OutputStream out) throws IOException {
        String command = new String(request.getFirst(), StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
        ByteBuffer key = request.size() > 1 ? ByteBuffer.wrap(request.get(1)) : ByteBuffer.allocate(0);
        String refusal = refusals.get(command);
        if (refusal != null) {
            text(out, "-" + refusal);
            return;
        }
        switch (command) {
            case "SELECT" -> text(out, "+OK");
            case "PING" -> text(out, "+PONG");
            case "INFO" ->
                bulk(
                        out,
                        ("server_name: memory\n" + (sync ? "sync: always\n" : "")).getBytes(StandardCharsets.US_ASCII));
            case "NSINFO" -> bulk(out, namespace().getBytes(StandardCharsets.US_ASCII));
            case "GET" -> {
                reads.incrementAndGet();
                bulk(out, values.get(key));
            }
            case "CHECK" -> {
                reads.incrementAndGet();
                if (values.containsKey(key)) {
                    text(out, ":1");
                } else {
                    bulk(out, null);
                }
            }
            case "EXISTS" -> text(out, values.containsKey(key) ? ":1" : ":0");
            case "DEL" -> text(out, values.remove(key) == null ? "-Key not found" : "+OK");
            case "SCAN" -> scan(key, out);
            case "SET" -> set(key, request.get(2), out);
            default -> text(out, "-This is not a valid command: " + command);
        }
    }

    /** A page is at most three keys, so that clients need several; the cursor is the last key. */
    private void scan(ByteBuffer cursor, OutputStream out) throws IOException {
        List<Map.Entry<ByteBuffer, byte[]>> page = values.entrySet().stream()
                .filter(entry -> !cursor.hasRemaining() || ORDER.compare(entry.getKey(), cursor) > 0)
                .limit(3)
                .toList();
        if (page.isEmpty()) {
            text(out, "-No more data");
            return;
        }
        text(out, "*2");
        bulk(out, page.getLast().getKey().array());
        text(out, "*" + page.size());
        for (Map.Entry<ByteBuffer, byte[]> entry : page) {
            text(out, "*3");
            bulk(out, entry.getKey().array());
            text(out, ":" + entry.getValue().length);
            text(out, ":1700000000");
        }
    }

    private void set(ByteBuffer key, byte[] value, OutputStream out) throws IOException {
        writes.incrementAndGet();
        if (limitBytes > 0 && used() + value.length > limitBytes) {
            text(out, "-No space left on this namespace");
        } else if (isSequential() && key.hasRemaining() && !values.containsKey(key)) {
            text(out, "-Invalid key, only update authorized");
        } else {
            ByteBuffer written = isSequential() ? sequential(key) : key;
            values.put(written, value);
            afterWrite.run();
            bulk(out, written.array());
        }
    }

    /** An update uses up an id, too. */
    private synchronized ByteBuffer sequential(ByteBuffer key) {
        long id = nextId++;
        return key.hasRemaining() ? key : ByteBuffer.wrap(SequentialKey.of(id));
    }

    /** Entries that were told to a client last. */
    public int lastInfoEntries() {
        return lastInfoEntries;
    }

    private String namespace() {
        lastInfoEntries = values.size();
        return "name: default\nentries: " + values.size() + "\npublic: yes\npassword: no\nworm: no\nlocked: no\n"
                + "mode: " + mode + "\nnext_internal_id: 0x" + String.format("%08x", Long.reverseBytes(nextId))
                + "\ndata_size_bytes: " + used() + "\ndata_limits_bytes: " + limitBytes + "\n"
                + "data_disk_freespace_bytes: 1000000000000\n";
    }

    /** Bytes of all values. */
    public long usedBytes() {
        return used();
    }

    private long used() {
        return values.values().stream().mapToLong(value -> value.length).sum();
    }

    private static void text(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void bulk(OutputStream out, byte @org.jspecify.annotations.Nullable [] value) throws IOException {
        if (value == null) {
            text(out, "$-1");
        } else {
            text(out, "$" + value.length);
            out.write(value);
            text(out, "");
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
