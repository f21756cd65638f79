package org.qsfs.zdb.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections to one namespace of one zdb server.
 *
 * <p>Connections are opened when needed; creating a client never fails because the server is down. Each connection is in the
 * namespace before its first command and is thrown away whole when anything goes wrong with it, so a command can only ever
 * reach the namespace of {@link #endpoint}.
 *
 * <p><b>Deadlines.</b> Every call, a batch included, ends within {@link ZdbTimeouts#request}, whatever the server does.
 *
 * <p><b>Durability.</b> A write that returned is on the server's disk only when {@link ServerInfo#acknowledgesAfterSync}; 0-db
 * keeps it in its page cache. A write that failed may have happened.
 *
 * <p><b>Memory.</b> A call holds at most one reply (64 MiB, a value 8 MiB); a batch holds the replies to all its requests.
 *
 * <p>Thread-safe. All methods block and throw {@link ZdbException}. Interrupting the thread ends the call.
 */
public final class ZdbClient implements AutoCloseable {

    /** Longest value in bytes. */
    public static final int MAX_VALUE_BYTES = 8 * 1024 * 1024;

    /** Longest key in bytes. */
    public static final int MAX_KEY_BYTES = 255;

    public static final int DEFAULT_CONNECTIONS = 8;

    private final ZdbEndpoint endpoint;
    private final Caller caller;

    public ZdbClient(ZdbEndpoint endpoint) {
        this(endpoint, ZdbTimeouts.DEFAULT, DEFAULT_CONNECTIONS);
    }

    /** @param maxConnections how many calls may be under way at once; others wait for their turn, within their deadline */
    public ZdbClient(ZdbEndpoint endpoint, ZdbTimeouts timeouts, int maxConnections) {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections " + maxConnections + " is less than 1");
        }
        this.endpoint = endpoint;
        this.caller = new Caller(endpoint, timeouts, maxConnections);
    }

    public ZdbEndpoint endpoint() {
        return endpoint;
    }

    /**
     * Writes a value.
     *
     * @param key in user mode 1 to 255 bytes of the client's choice; in sequential mode empty for a new id, or the id of an
     *     existing entry to overwrite
     * @param value at most {@link #MAX_VALUE_BYTES}
     * @return the key; in sequential mode the id, 8 bytes, little endian
     */
    public byte[] set(byte[] key, byte[] value) {
        checkEntry(key, value);
        return caller.call(Command.SET, wire -> written(key, wire.call(Command.SET, key, value)));
    }

    /**
     * Adds a value to a sequential namespace. When this fails the value may be there all the same, under an id that nobody was told.
     *
     * @return its id
     */
    public long append(byte[] value) {
        byte[] none = new byte[0];
        checkEntry(none, value);
        return caller.call(Command.SET, wire -> {
            Reply reply = wire.call(Command.SET, none, value);
            return SequentialKey.id(written(none, reply)).orElseThrow(() -> unexpected(Command.SET, reply, "an id"));
        });
    }

    /** The value, or empty when there is no such key. */
    public Optional<byte[]> get(byte[] key) {
        checkKey(key);
        return caller.call(Command.GET, wire -> value(wire.call(Command.GET, key)));
    }

    /**
     * Writes several values in one go.
     *
     * @return the keys, in the same order
     * @throws ZdbException the first refusal; then others of the batch may have been written
     */
    public List<byte[]> setAll(List<ZdbEntry> entries) {
        entries.forEach(e -> checkEntry(e.key(), e.value()));
        Pipeline<ZdbEntry, byte[]> writes = new Pipeline<>(
                Command.SET, e -> new byte[][] {e.key(), e.value()}, (e, reply) -> written(e.key(), reply));
        return caller.call(Command.SET, wire -> writes.run(wire, entries));
    }

    /**
     * Reads several values in one go. The result holds all of them, so bound the number of keys.
     *
     * @return a value, or empty where there is no such key, in the same order
     */
    public List<Optional<byte[]>> getAll(List<byte[]> keys) {
        keys.forEach(ZdbClient::checkKey);
        Pipeline<byte[], Optional<byte[]>> reads =
                new Pipeline<>(Command.GET, key -> new byte[][] {key}, (key, reply) -> value(reply));
        return caller.call(Command.GET, wire -> reads.run(wire, keys));
    }

    public boolean exists(byte[] key) {
        checkKey(key);
        return caller.call(Command.EXISTS, wire -> switch (wire.call(Command.EXISTS, key)) {
            case Reply.Int(long n) when n == 0 || n == 1 -> n == 1;
            case Reply other -> throw unexpected(Command.EXISTS, other, "0 or 1");
        });
    }

    /** Has the server read the value and compare it with its checksum. */
    public CheckResult check(byte[] key) {
        checkKey(key);
        return caller.call(Command.CHECK, wire -> switch (wire.call(Command.CHECK, key)) {
            case Reply.Int(long n) when n == 1 -> CheckResult.OK;
            case Reply.Int(long n) when n == 0 -> CheckResult.CORRUPT;
            case Reply.Int(long n) when n == -1 -> CheckResult.UNREADABLE;
            case Reply.Bulk(byte @Nullable [] bytes) when bytes == null -> CheckResult.MISSING;
            case Reply other -> throw unexpected(Command.CHECK, other, "1, 0, -1 or nil");
        });
    }

    /** The length of a value in bytes, or empty when there is no such key. */
    public OptionalLong length(byte[] key) {
        checkKey(key);
        return caller.call(Command.LENGTH, wire -> switch (wire.call(Command.LENGTH, key)) {
            case Reply.Int(long n) when n >= 0 -> OptionalLong.of(n);
            case Reply.Bulk(byte @Nullable [] bytes) when bytes == null -> OptionalLong.empty();
            case Reply other -> throw unexpected(Command.LENGTH, other, "a length or nil");
        });
    }

    /** @return false when there was no such key */
    public boolean delete(byte[] key) {
        checkKey(key);
        return caller.call(Command.DEL, wire -> switch (wire.call(Command.DEL, key)) {
            case Reply.Simple(String text) when text.equals("OK") -> true;
            case Reply.Failure(String text) when text.startsWith("Key not found") -> false;
            case Reply other -> throw unexpected(Command.DEL, other, "OK");
        });
    }

    /**
     * Tells every live key, in the server's order. Each page is a call with a deadline of its own, and no connection is held
     * while {@code consumer} runs. A key that is written during the scan may be told twice or not at all, one that is not is
     * told once. To stop early, throw.
     */
    public void scan(Consumer<ScanEntry> consumer) {
        ScanPage page = scanFrom(ScanPage.START);
        while (!page.isEnd()) {
            page.entries().forEach(consumer);
            page = scanFrom(page);
        }
    }

    /** The live key that comes first in the server's order, which in sequential mode is the lowest id; empty when there is none. */
    public Optional<ScanEntry> first() {
        return scanFrom(ScanPage.START).entries().stream().findFirst();
    }

    private ScanPage scanFrom(ScanPage previous) {
        ScanPage next = scanOnce(previous);
        // a loaded 0-db can say that there is no more data before it looked (ZDB.md, W13): ask twice
        return next.isEnd() ? scanOnce(previous) : next;
    }

    private ScanPage scanOnce(ScanPage previous) {
        return caller.call(Command.SCAN, wire -> {
            byte[] cursor = previous.cursor();
            Reply reply = cursor.length == 0 ? wire.call(Command.SCAN) : wire.call(Command.SCAN, cursor);
            if (reply instanceof Reply.Failure(String text) && text.startsWith("No more data")) {
                return ScanPage.START;
            }
            return ScanPage.parse(reply)
                    .orElseThrow(() -> unexpected(Command.SCAN, reply, "a cursor and entries of key, length and time"));
        });
    }

    /** Properties and usage of the namespace. */
    public NamespaceInfo info() {
        byte[] name = utf8(endpoint.namespace());
        return caller.call(
                Command.NSINFO, wire -> parsed(Command.NSINFO, wire.call(Command.NSINFO, name), NamespaceInfo::parse));
    }

    /** What the server says about itself. */
    public ServerInfo serverInfo() {
        return caller.call(Command.INFO, wire -> parsed(Command.INFO, wire.call(Command.INFO), ServerInfo::parse));
    }

    /** Returns when the server answered on a connection in the namespace. */
    public void ping() {
        caller.call(Command.PING, wire -> switch (wire.call(Command.PING)) {
            case Reply.Simple(String text) when text.equals("PONG") -> text;
            case Reply other -> throw unexpected(Command.PING, other, "PONG");
        });
    }

    /**
     * Creates the namespace of {@link #endpoint} on the server, as administrator.
     *
     * @return false when it exists already; its settings are then left alone
     */
    public boolean createNamespace(NamespaceSettings settings) {
        return caller.callAsAdmin(Command.NSNEW, wire -> {
            Reply created = wire.call(Command.NSNEW, utf8(endpoint.namespace()));
            if (created instanceof Reply.Failure(String text)
                    && (text.startsWith("This namespace is not available")
                            || (isDefault() && text.startsWith("This name is not allowed")))) {
                return false;
            }
            confirm(Command.NSNEW, created);
            // closed to others before it is open to anybody
            String password = settings.password();
            if (password != null) {
                setProperty(wire, "password", password);
            }
            setProperty(wire, "public", settings.publicRead() ? "1" : "0");
            setMode(wire, settings.mode());
            if (settings.maxBytes() > 0) {
                setProperty(wire, "maxsize", Long.toString(settings.maxBytes()));
            }
            return true;
        });
    }

    /** Removes the namespace of {@link #endpoint} with everything in it, as administrator. False when there is none. */
    public boolean deleteNamespace() {
        return caller.callAsAdmin(Command.NSDEL, wire -> {
            Reply deleted = wire.call(Command.NSDEL, utf8(endpoint.namespace()));
            if (deleted instanceof Reply.Failure(String text) && text.startsWith("This namespace doesn't exist")) {
                return false;
            }
            confirm(Command.NSDEL, deleted);
            return true;
        });
    }

    /** Closes all connections; calls under way fail with {@link ZdbException.Unreachable}. */
    @Override
    public void close() {
        caller.close();
    }

    /** The namespace that every server has. */
    private boolean isDefault() {
        return endpoint.namespace().equals("default");
    }

    private void setMode(Wire wire, NamespaceMode mode) {
        byte[] name = utf8(endpoint.namespace());
        // a server started with one mode for all refuses to be told, which is fine when it is the right one
        NamespaceInfo now = parsed(Command.NSINFO, wire.call(Command.NSINFO, name), NamespaceInfo::parse);
        if (now.mode() != mode) {
            setProperty(wire, "mode", mode.property());
        }
    }

    private void setProperty(Wire wire, String property, String value) {
        confirm(Command.NSSET, wire.call(Command.NSSET, utf8(endpoint.namespace()), utf8(property), utf8(value)));
    }

    private void confirm(Command command, Reply reply) {
        if (!(reply instanceof Reply.Simple(String text) && text.equals("OK"))) {
            throw unexpected(command, reply, "OK");
        }
    }

    private <T> T parsed(Command command, Reply reply, Function<String, T> parser) {
        if (reply instanceof Reply.Bulk(byte @Nullable [] bytes) && bytes != null) {
            try {
                return parser.apply(new String(bytes, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new ZdbException.Protocol(caller.where(command) + ": the text makes no sense: " + e.getMessage());
            }
        }
        throw unexpected(command, reply, "a text");
    }

    private byte[] written(byte[] key, Reply reply) {
        if (reply instanceof Reply.Bulk(byte @Nullable [] answered)) {
            if (answered == null && key.length > 0) {
                return key; // the same value was there already
            }
            if (answered != null && (key.length == 0 ? answered.length > 0 : Arrays.equals(answered, key))) {
                return answered;
            }
        }
        throw unexpected(Command.SET, reply, "the key");
    }

    private Optional<byte[]> value(Reply reply) {
        if (reply instanceof Reply.Bulk(byte @Nullable [] bytes)) {
            return Optional.ofNullable(bytes);
        }
        throw unexpected(Command.GET, reply, "a value or nil");
    }

    private ZdbException unexpected(Command command, Reply reply, String expected) {
        if (reply instanceof Reply.Failure(String text)) {
            return Refusal.of(caller.where(command), text);
        }
        return new ZdbException.Protocol(
                caller.where(command) + ": answered with " + reply.shown() + ", expected " + expected);
    }

    private static void checkEntry(byte[] key, byte[] value) {
        if (key.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException("key has " + key.length + " bytes, at most " + MAX_KEY_BYTES);
        }
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value has " + value.length + " bytes, at most " + MAX_VALUE_BYTES);
        }
    }

    private static void checkKey(byte[] key) {
        if (key.length < 1 || key.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException("key has " + key.length + " bytes, expected 1.." + MAX_KEY_BYTES);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
