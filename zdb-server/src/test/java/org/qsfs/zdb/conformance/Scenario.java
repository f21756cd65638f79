package org.qsfs.zdb.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.qsfs.zdb.conformance.RespClient.Reply;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A recorded scenario, replayed step by step. A step that records a defect of 0-db is given the corrected reply as well. */
final class Scenario implements AutoCloseable {
    private static final int QUIET_MILLIS = 250;

    private final RestartableServer server;
    private final Map<String, RespClient> clients = new HashMap<>();
    private final Map<String, byte[]> saved = new HashMap<>();

    Scenario(RestartableServer server) {
        this.server = server;
    }

    static List<JsonNode> load(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank())
                .map(json::readTree)
                .toList();
    }

    private RespClient client(JsonNode step) throws IOException {
        String name = step.has("conn") ? step.get("conn").asString() : "main";
        RespClient client = clients.get(name);
        if (client == null) {
            client = new RespClient(server.port());
            clients.put(name, client);
        }
        return client;
    }

    /** Runs a step; what differs, if anything does. */
    Optional<String> run(JsonNode step) throws IOException {
        if (step.has("restart")) {
            closeClients();
            if (step.get("restart").asString().equals("kill")) {
                server.kill();
            } else {
                server.terminate();
            }
            server.start();
        } else if (step.has("sleep_ms")) {
            // recorded time passes: the scenario is about it
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(step.get("sleep_ms").asInt()));
        } else if (step.has("close")) {
            clients.remove(step.get("close").asString()).close();
        } else if (step.has("remove")) {
            Files.delete(server.root().resolve(step.get("remove").asString()));
        } else if (step.has("fill")) {
            return fill(step.get("fill"));
        } else if (step.has("silent_ms")) {
            List<Reply> replies = client(step).drain(0, step.get("silent_ms").asInt());
            return replies.isEmpty() ? Optional.empty() : Optional.of("silence expected, came " + replies);
        } else if (step.has("raw")) {
            return raw(step);
        } else if (step.has("walk")) {
            return walk(step);
        } else {
            return command(step);
        }
        return Optional.empty();
    }

    private byte[][] arguments(JsonNode list) {
        byte[][] arguments = new byte[list.size()][];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = Expected.bytes(list.get(i), saved);
        }
        return arguments;
    }

    private Optional<String> command(JsonNode step) throws IOException {
        RespClient client = client(step);
        JsonNode expect = step.get("expect");
        if (step.has("send")) {
            client.send(RespClient.request(arguments(step.get("send"))));
        }
        if (expect.get("type").asString().equals("none")) {
            // a WAIT that ends at once may be answered first
            boolean brief = step.get("send").size() == 3
                    && step.get("send").get(2).asString().equals("100");
            return brief ? Optional.empty() : taken(client);
        }
        Reply reply = client.receive();
        boolean right =
                Expected.matches(expect, reply) || (step.has("fixed") && Expected.matches(step.get("fixed"), reply));
        if (step.has("save")) {
            step.get("save").properties().forEach(e -> saved.put(e.getKey(), pick(reply, e.getValue())));
        }
        return right ? Optional.empty() : Optional.of("got " + reply);
    }

    /** What is not answered was taken when the request behind it is answered; a busy machine needs longer than was recorded. */
    private static Optional<String> taken(RespClient client) throws IOException {
        Reply time = client.call("TIME");
        return time.kind().equals("array") ? Optional.empty() : Optional.of("TIME got " + time);
    }

    private static byte[] pick(Reply reply, JsonNode path) {
        Reply at = reply;
        for (JsonNode index : path) {
            if (index.asInt() >= at.elements().size()) {
                return new byte[0];
            }
            at = at.elements().get(index.asInt());
        }
        return at.bytes();
    }

    private Optional<String> fill(JsonNode fill) throws IOException {
        RespClient client = client(fill);
        for (int i = 0; i < fill.get("count").asInt(); i++) {
            String pattern = fill.get("key").asString();
            List<byte[]> arguments = new ArrayList<>(List.of(
                    "SET".getBytes(StandardCharsets.US_ASCII),
                    (pattern.isEmpty() ? "" : pattern.formatted(i)).getBytes(StandardCharsets.US_ASCII),
                    Expected.bytes(fill.get("value"), saved)));
            if (fill.has("timestamp")) {
                arguments.add(fill.get("timestamp").asString().getBytes(StandardCharsets.US_ASCII));
            }
            Reply reply = client.call(arguments.toArray(new byte[0][]));
            if (!reply.kind().equals("bulk")) {
                return Optional.of("SET " + i + " got " + reply);
            }
        }
        return Optional.empty();
    }

    private Optional<String> raw(JsonNode step) throws IOException {
        RespClient client = client(step);
        boolean first = true;
        for (JsonNode chunk : step.get("raw")) {
            if (!first) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            first = false;
            client.send(Expected.bytes(chunk, saved));
        }
        int least = replies(step.get("expect"), step.get("then"));
        if (step.has("fixed")) {
            least = Math.min(
                    least,
                    replies(step.get("fixed").get("replies"), step.get("fixed").get("then")));
        }
        List<Reply> replies = client.drain(least, QUIET_MILLIS);
        boolean closed = !replies.isEmpty() && replies.getLast().kind().equals("closed");
        if (closed) {
            replies.removeLast();
        }
        boolean right = matches(step.get("expect"), step.get("then"), replies, closed)
                || (step.has("fixed")
                        && matches(
                                step.get("fixed").get("replies"),
                                step.get("fixed").get("then"),
                                replies,
                                closed));
        return right ? Optional.empty() : Optional.of("got " + replies + (closed ? ", closed" : ", open"));
    }

    /** How many replies are to come, an end of the connection included. */
    private static int replies(JsonNode want, JsonNode then) {
        return want.size() + (then.asString().equals("closed") ? 1 : 0);
    }

    private static boolean matches(JsonNode want, JsonNode then, List<Reply> got, boolean closed) {
        if (want.size() != got.size() || then.asString().equals("closed") != closed) {
            return false;
        }
        for (int i = 0; i < got.size(); i++) {
            if (!Expected.matches(want.get(i), got.get(i))) {
                return false;
            }
        }
        return true;
    }

    private Optional<String> walk(JsonNode step) throws IOException {
        RespClient client = client(step);
        byte[] command = step.get("walk").asString().getBytes(StandardCharsets.US_ASCII);
        byte[] cursor = step.has("start") ? saved.get(step.get("start").asString()) : null;
        List<Reply> entries = new ArrayList<>();
        Reply reply = cursor == null ? client.call(command) : client.call(command, cursor);
        while (reply.kind().equals("array")) {
            cursor = reply.elements().get(0).bytes();
            entries.addAll(reply.elements().get(1).elements());
            reply = client.call(command, cursor);
        }
        boolean right = matchesWalk(step.get("expect"), entries, reply)
                || (step.has("fixed") && matchesWalk(step.get("fixed"), entries, reply));
        return right ? Optional.empty() : Optional.of("got " + entries + " then " + reply);
    }

    private static boolean matchesWalk(JsonNode want, List<Reply> entries, Reply end) {
        JsonNode list = want.get("entries");
        if (list.size() != entries.size() || !Expected.matches(want.get("end"), end)) {
            return false;
        }
        for (int i = 0; i < entries.size(); i++) {
            JsonNode one = list.get(i);
            List<Reply> got = entries.get(i).elements();
            boolean right = Expected.matchesBytes(one.get(0), got.get(0).bytes())
                    && one.get(1).asLong() == got.get(1).number()
                    && (one.get(2).isObject()
                            || one.get(2).asLong() == got.get(2).number());
            if (!right) {
                return false;
            }
        }
        return true;
    }

    private void closeClients() throws IOException {
        for (RespClient client : clients.values()) {
            client.close();
        }
        clients.clear();
    }

    @Override
    public void close() throws IOException {
        closeClients();
    }
}
