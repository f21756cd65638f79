package org.qsfs.zdb.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.conformance.RespClient.Reply;

/** A namespace behind the protocol. The connection is admin and has selected it. */
final class WireSpace implements Space {
    private static final Map<String, Answer.Refused> REFUSALS = Map.of(
            "No space left on this namespace", Answer.Refused.NO_SPACE,
            "Namespace is temporarily locked (read-only)", Answer.Refused.LOCKED,
            "Namespace is temporarily frozen (read-write disabled)", Answer.Refused.FROZEN,
            "Namespace is protected by worm mode", Answer.Refused.WORM,
            "Cannot delete a key when namespace is in worm mode", Answer.Refused.WORM,
            "Invalid argument, key needed", Answer.Refused.KEY_NEEDED,
            "Invalid key, only update authorized", Answer.Refused.UPDATE_ONLY,
            "Key not found", Answer.Refused.NOT_FOUND,
            "Cannot change mode of used namespace", Answer.Refused.MODE_IN_USE);

    /** Connects to a server. */
    interface Dial {
        RespClient connect() throws IOException;
    }

    private final Dial dial;
    private final @Nullable String admin;
    private final String name;
    private final RespClient client;

    WireSpace(Dial dial, @Nullable String admin, String name) throws IOException {
        this.dial = dial;
        this.admin = admin;
        this.name = name;
        this.client = dial.connect();
        if (admin != null) {
            expect(client.call("AUTH", admin), "OK");
        }
        Reply created = client.call("NSNEW", name);
        if (!created.text().equals("This namespace is not available")) {
            expect(created, "OK");
        }
        expect(client.call("SELECT", name), "OK");
    }

    private static void expect(Reply reply, String text) throws IOException {
        if (!reply.text().equals(text)) {
            throw new IOException("expected " + text + ", got " + reply);
        }
    }

    private Reply call(String command, byte[]... arguments) throws IOException {
        byte[][] all = new byte[arguments.length + 1][];
        all[0] = command.getBytes(ISO_8859_1);
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return client.call(all);
    }

    private Answer answer(Reply reply) throws IOException {
        return switch (reply.kind()) {
            case "bulk" -> new Answer.Bytes(reply.bytes());
            case "nil" -> Answer.Plain.NONE;
            case "simple" -> Answer.Plain.DONE;
            case "error" -> {
                Answer.Refused refused = REFUSALS.get(reply.text());
                if (refused == null) {
                    throw new IOException("refused: " + reply.text());
                }
                yield refused;
            }
            default -> throw new IOException("expected a value, got " + reply);
        };
    }

    @Override
    public Answer set(byte[] key, byte[] value) throws IOException {
        return answer(call("SET", key, value));
    }

    @Override
    public Answer get(byte[] key) throws IOException {
        return answer(call("GET", key));
    }

    @Override
    public Answer delete(byte[] key) throws IOException {
        return answer(call("DEL", key));
    }

    @Override
    public boolean exists(byte[] key) throws IOException {
        return call("EXISTS", key).number() == 1;
    }

    @Override
    public int check(byte[] key) throws IOException {
        Reply reply = call("CHECK", key);
        return reply.kind().equals("nil") ? -2 : (int) reply.number();
    }

    @Override
    public long length(byte[] key) throws IOException {
        Reply reply = call("LENGTH", key);
        return reply.kind().equals("nil") ? -1 : reply.number();
    }

    @Override
    public List<Found> scan(boolean backward) throws IOException {
        return scan(null, backward ? "RSCAN" : "SCAN");
    }

    @Override
    public List<Found> scanBehind(byte[] key) throws IOException {
        return scan(call("KEYCUR", key).bytes(), "SCAN");
    }

    private List<Found> scan(byte @Nullable [] from, String command) throws IOException {
        List<Found> found = new ArrayList<>();
        Reply page = from == null ? call(command) : call(command, from);
        while (page.kind().equals("array")) {
            for (Reply entry : page.elements().get(1).elements()) {
                found.add(new Found(
                        entry.elements().get(0).text(), entry.elements().get(1).number()));
            }
            page = call(command, page.elements().get(0).bytes());
        }
        expect(page, "No more data");
        return found;
    }

    @Override
    public List<byte[]> history(byte[] key) throws IOException {
        List<byte[]> values = new ArrayList<>();
        Reply version = call("HISTORY", key);
        while (version.kind().equals("array")) {
            values.add(version.elements().get(2).bytes());
            Reply before = version.elements().get(0);
            if (before.kind().equals("nil")) {
                return values;
            }
            version = call("HISTORY", key, before.bytes());
        }
        expect(version, "Key not found");
        return values;
    }

    @Override
    public long entries() throws IOException {
        return call("DBSIZE").number();
    }

    @Override
    public long dataBytes() throws IOException {
        String info = client.call("NSINFO", name).text();
        return info.lines()
                .filter(line -> line.startsWith("data_size_bytes: "))
                .mapToLong(line -> Long.parseLong(line.substring("data_size_bytes: ".length())))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Answer set(Property property, String value) throws IOException {
        return answer(client.call("NSSET", name, property.name().toLowerCase(Locale.ROOT), value));
    }

    @Override
    public void jump() throws IOException {
        expect(client.call("NSJUMP"), "OK");
    }

    @Override
    public void reload() throws IOException {
        expect(client.call("RELOAD", name), "OK");
    }

    @Override
    public Space another() throws IOException {
        return new WireSpace(dial, admin, name);
    }

    /** Removes the namespace; whoever uses it is disconnected. */
    void remove() throws IOException {
        expect(client.call("SELECT", "default"), "OK");
        expect(client.call("NSDEL", name), "OK");
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
