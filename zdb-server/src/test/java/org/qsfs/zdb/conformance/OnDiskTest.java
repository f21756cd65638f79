package org.qsfs.zdb.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.qsfs.zdb.conformance.RespClient.Reply;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Directories written by 0-db open with the content that was put in, go on being written to, and survive stops and kills. */
@Execution(ExecutionMode.CONCURRENT)
final class OnDiskTest {
    static List<String> sets() throws IOException {
        try (Stream<Path> dirs = Files.list(ConformanceTest.VECTORS.resolve("ondisk"))) {
            return dirs.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void theContentIsWhatWasWritten(String set, @TempDir Path dir) throws IOException {
        Path source = ConformanceTest.VECTORS.resolve("ondisk").resolve(set);
        JsonNode expected = new ObjectMapper().readTree(Files.readString(source.resolve("expected.json")));
        List<String> flags = new ArrayList<>();
        expected.get("flags").forEach(f -> flags.add(f.asString()));
        try (RestartableServer server = new RestartableServer(dir, flags)) {
            RestartableServer.copy(source.resolve("data"), server.data());
            RestartableServer.copy(source.resolve("index"), server.index());
            server.start();
            check(server, expected, 0);
            append(server, expected, 0);
            server.kill();
            server.start();
            check(server, expected, 1);
            append(server, expected, 1);
            server.terminate();
            server.start();
            check(server, expected, 2);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void select(RespClient client, String name, JsonNode namespace) throws IOException {
        JsonNode password = namespace.get("password");
        Reply reply = password == null || password.isNull()
                ? client.call("SELECT", name)
                : client.call("SELECT", name, password.asString());
        assertThat(reply.text()).isEqualTo("OK");
    }

    private static void append(RestartableServer server, JsonNode expected, int round) throws IOException {
        try (RespClient client = new RespClient(server.port())) {
            for (Map.Entry<String, JsonNode> e : expected.get("namespaces").properties()) {
                JsonNode ns = e.getValue();
                if (ns.get("maxsize").asLong() == 1) {
                    continue;
                }
                select(client, e.getKey(), ns);
                boolean sequential = ns.get("mode").asString().equals("sequential");
                Reply reply = client.call("SET", sequential ? "" : "appended" + round, "appended value " + round);
                assertThat(reply.kind()).as("%s: %s", e.getKey(), reply).isEqualTo("bulk");
                if (sequential) {
                    assertThat(reply.bytes()[0])
                            .isEqualTo((byte) (ns.get("next_id").asInt() + round));
                }
            }
        }
    }

    private static void check(RestartableServer server, JsonNode expected, int appended) throws IOException {
        try (RespClient client = new RespClient(server.port())) {
            for (Map.Entry<String, JsonNode> e : expected.get("namespaces").properties()) {
                select(client, e.getKey(), e.getValue());
                check(client, e.getKey(), e.getValue(), appended);
            }
        }
    }

    private static void check(RespClient client, String name, JsonNode ns, int appended) throws IOException {
        List<byte[]> live = new ArrayList<>();
        for (JsonNode item : ns.get("live")) {
            byte[] key = Expected.bytes(item.get("key"), Map.of());
            live.add(key);
            assertThat(client.call(ascii("GET"), key).bytes()).isEqualTo(Expected.bytes(item.get("value"), Map.of()));
            assertThat(client.call(ascii("KEYTIME"), key).number())
                    .isEqualTo(item.get("timestamp").asLong());
            assertThat(client.call(ascii("CHECK"), key).number()).isEqualTo(1);
        }
        for (JsonNode key : ns.get("absent")) {
            assertThat(client.call(ascii("GET"), Expected.bytes(key, Map.of())).kind())
                    .isEqualTo("nil");
        }
        if (ns.has("unsure")) {
            for (JsonNode item : ns.get("unsure")) {
                byte[] key = Expected.bytes(item.get("key"), Map.of());
                Reply reply = client.call(ascii("GET"), key);
                boolean allowed = reply.kind().equals("bulk")
                        ? contains(item.get("values"), reply.bytes())
                        : contains(item.get("values"), null);
                assertThat(allowed).as("%s: %s", item, reply).isTrue();
            }
        } else {
            checkOrder(client, live, ns, appended);
        }
        checkHistory(client, ns);
        assertThat(client.call("NSINFO", name).text())
                .contains(
                        "mode: " + ns.get("mode").asString(),
                        "public: " + (ns.get("public").asBoolean() ? "yes" : "no"));
    }

    private static boolean contains(JsonNode values, byte[] value) {
        for (JsonNode v : values) {
            if (v.isNull() ? value == null : value != null && Arrays.equals(Expected.bytes(v, Map.of()), value)) {
                return true;
            }
        }
        return false;
    }

    /** SCAN gives the live keys in order, RSCAN the same backwards. */
    private static void checkOrder(RespClient client, List<byte[]> live, JsonNode ns, int appended) throws IOException {
        int more = ns.get("maxsize").asLong() == 1 ? 0 : appended;
        List<byte[]> forward = walk(client, "SCAN");
        assertThat(forward).hasSize(live.size() + more);
        for (int i = 0; i < live.size(); i++) {
            assertThat(forward.get(i)).isEqualTo(live.get(i));
        }
        List<byte[]> backward = walk(client, "RSCAN");
        assertThat(backward).hasSize(forward.size());
        for (int i = 0; i < forward.size(); i++) {
            assertThat(backward.get(i)).isEqualTo(forward.get(forward.size() - 1 - i));
        }
    }

    private static List<byte[]> walk(RespClient client, String command) throws IOException {
        List<byte[]> keys = new ArrayList<>();
        Reply reply = client.call(command);
        while (reply.kind().equals("array")) {
            reply.elements()
                    .get(1)
                    .elements()
                    .forEach(e -> keys.add(e.elements().getFirst().bytes()));
            reply = client.call(ascii(command), reply.elements().getFirst().bytes());
        }
        assertThat(reply.text()).isEqualTo("No more data");
        return keys;
    }

    private static void checkHistory(RespClient client, JsonNode ns) throws IOException {
        if (!ns.has("history")) {
            return;
        }
        for (JsonNode item : ns.get("history")) {
            byte[] key = Expected.bytes(item.get("key"), Map.of());
            Reply reply = client.call(ascii("HISTORY"), key);
            for (JsonNode version : item.get("versions")) {
                assertThat(reply.kind()).as("%s: %s", item, reply).isEqualTo("array");
                assertThat(reply.elements().get(1).text())
                        .isEqualTo(version.get("timestamp").asString());
                assertThat(reply.elements().get(2).bytes()).isEqualTo(Expected.bytes(version.get("value"), Map.of()));
                Reply before = reply.elements().getFirst();
                if (before.kind().equals("bulk")) {
                    reply = client.call(ascii("HISTORY"), key, before.bytes());
                }
            }
        }
    }
}
