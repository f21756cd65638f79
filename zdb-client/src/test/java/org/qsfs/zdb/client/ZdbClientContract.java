package org.qsfs.zdb.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the client does with a real server. */
@Timeout(60)
abstract class ZdbClientContract {

    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(15));

    private final List<ZdbClient> created = new ArrayList<>();
    private final List<ZdbClient> opened = new ArrayList<>();

    abstract ZdbAddress address();

    /** Null when everybody is admin. */
    abstract @Nullable String adminPassword();

    /** Null for plain TCP. */
    @Nullable
    ZdbTls tls() {
        return null;
    }

    /** Stops what {@link #address} needs; called after the namespaces are gone. */
    void stop() throws IOException {}

    @AfterEach
    final void removeNamespaces() throws IOException {
        for (ZdbClient client : created) {
            client.deleteNamespace();
        }
        created.forEach(ZdbClient::close);
        opened.forEach(ZdbClient::close);
        stop();
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    final ZdbClient namespace(NamespaceSettings settings) {
        ZdbClient client = new ZdbClient(
                new ZdbEndpoint(address(), "it-" + UUID.randomUUID(), settings.password(), adminPassword(), tls()),
                TIMEOUTS,
                4);
        assertThat(client.createNamespace(settings)).isTrue();
        created.add(client);
        return client;
    }

    final ZdbClient user() {
        return namespace(NamespaceSettings.open(NamespaceMode.USER));
    }

    /** Another client of the same namespace with another password. */
    private ZdbClient as(ZdbClient client, @Nullable String password) {
        ZdbClient other = new ZdbClient(
                new ZdbEndpoint(address(), client.endpoint().namespace(), password, null, tls()), TIMEOUTS, 1);
        opened.add(other);
        return other;
    }

    private void setProperty(ZdbClient client, String property, String value) {
        try (Caller admin = new Caller(client.endpoint(), TIMEOUTS, 1)) {
            Reply reply = admin.callAsAdmin(
                    Command.NSSET,
                    wire -> wire.call(
                            Command.NSSET, bytes(client.endpoint().namespace()), bytes(property), bytes(value)));
            assertThat(reply).isEqualTo(new Reply.Simple("OK"));
        }
    }

    @Test
    void userMode() {
        ZdbClient client = user();
        client.ping();
        byte[] key = bytes("key");
        assertThat(client.get(key)).isEmpty();
        assertThat(client.exists(key)).isFalse();
        assertThat(client.check(key)).isEqualTo(CheckResult.MISSING);
        assertThat(client.length(key)).isEmpty();
        assertThat(client.delete(key)).isFalse();

        assertThat(client.set(key, bytes("value"))).isEqualTo(key);
        assertThat(client.set(key, bytes("value"))).as("unchanged").isEqualTo(key);
        assertThat(client.get(key)).hasValue(bytes("value"));
        assertThat(client.exists(key)).isTrue();
        assertThat(client.check(key)).isEqualTo(CheckResult.OK);
        assertThat(client.length(key)).hasValue(5);

        client.set(key, bytes("other"));
        assertThat(client.get(key)).hasValue(bytes("other"));
        assertThat(client.delete(key)).isTrue();
        assertThat(client.get(key)).isEmpty();
    }

    @Test
    void anyBytes() {
        ZdbClient client = user();
        byte[] longest = new byte[ZdbClient.MAX_KEY_BYTES];
        new Random(1).nextBytes(longest);
        byte[] large = new byte[ZdbClient.MAX_VALUE_BYTES];
        new Random(2).nextBytes(large);
        client.set(longest, large);
        assertThat(client.get(longest)).hasValue(large);
        client.set(longest, new byte[0]);
        assertThat(client.get(longest)).hasValue(new byte[0]);
    }

    @Test
    void sequentialMode() {
        ZdbClient client = namespace(NamespaceSettings.open(NamespaceMode.SEQUENTIAL));
        byte[] first = client.set(new byte[0], bytes("a"));
        byte[] second = client.set(new byte[0], bytes("b"));
        assertThat(first).isEqualTo(new byte[8]);
        assertThat(second).isEqualTo(new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
        assertThat(client.get(second)).hasValue(bytes("b"));
        assertThat(client.set(first, bytes("c"))).isEqualTo(first);
        assertThat(client.get(first)).hasValue(bytes("c"));
        assertThatThrownBy(() -> client.set(bytes("mine"), bytes("x"))).isInstanceOf(ZdbException.Rejected.class);
        assertThat(client.info().mode()).isEqualTo(NamespaceMode.SEQUENTIAL);
    }

    @Test
    void idsOfSequentialMode() {
        ZdbClient client = namespace(NamespaceSettings.open(NamespaceMode.SEQUENTIAL));
        assertThat(client.first()).isEmpty();
        assertThat(client.info().nextId()).hasValue(0);
        for (long id = 0; id < 300; id++) {
            assertThat(client.append(bytes("value " + id))).isEqualTo(id);
        }
        assertThat(client.info().nextId()).hasValue(300);
        client.set(SequentialKey.of(258), bytes("changed"));
        assertThat(client.append(bytes("behind")))
                .as("a change uses up an id")
                .isEqualTo(301)
                .isLessThan(client.info().nextId().orElseThrow());
        assertThat(client.get(SequentialKey.of(258))).hasValue(bytes("changed"));
        assertThat(client.first().orElseThrow().key()).isEqualTo(SequentialKey.of(0));
        client.delete(SequentialKey.of(0));
        assertThat(SequentialKey.id(client.first().orElseThrow().key())).hasValue(1);
        assertThat(SequentialKey.id(bytes("none"))).isEmpty();
        assertThatThrownBy(() -> user().append(bytes("x"))).isInstanceOf(ZdbException.Rejected.class);
    }

    @Test
    void batches() {
        ZdbClient client = user();
        List<ZdbEntry> entries = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            entries.add(new ZdbEntry(bytes("key " + i), bytes("value " + i)));
        }
        assertThat(client.setAll(entries))
                .containsExactlyElementsOf(entries.stream().map(ZdbEntry::key).toList());
        List<byte[]> keys = new ArrayList<>();
        entries.forEach(e -> keys.add(e.key()));
        keys.add(150, bytes("missing"));
        var values = client.getAll(keys);
        assertThat(values).hasSize(301);
        assertThat(values.get(149)).hasValue(bytes("value 149"));
        assertThat(values.get(150)).isEmpty();
        assertThat(values.get(151)).hasValue(bytes("value 150"));
        assertThat(client.setAll(List.of())).isEmpty();
        assertThat(client.getAll(List.of())).isEmpty();
    }

    @Test
    @DisplayName("W10: requests that end exactly with the server's 8 KiB buffer do not stall the pipeline")
    void alignedBatches() {
        ZdbClient client = user();
        for (int requestBytes : new int[] {256, 512, 1024, 4096}) {
            List<ZdbEntry> entries = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                byte[] key = bytes("%03d-%04d".formatted(i, requestBytes));
                int around = "*3\r\n$3\r\nSET\r\n$8\r\n01234567\r\n$123\r\n\r\n".length();
                int digits = requestBytes >= 1100 ? 1 : 0;
                entries.add(new ZdbEntry(key, new byte[requestBytes - around - digits]));
            }
            assertThat(client.setAll(entries)).hasSize(64);
            assertThat(client.getAll(entries.stream().map(ZdbEntry::key).toList()))
                    .allMatch(Optional::isPresent);
        }
    }

    @Test
    void largeBatch() {
        ZdbClient client = user();
        List<ZdbEntry> entries = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            byte[] value = new byte[1_500_000];
            random.nextBytes(value);
            entries.add(new ZdbEntry(bytes("key " + i), value));
        }
        client.setAll(entries);
        var values = client.getAll(entries.stream().map(ZdbEntry::key).toList());
        for (int i = 0; i < entries.size(); i++) {
            assertThat(values.get(i)).hasValue(entries.get(i).value());
        }
    }

    @Test
    void scan() {
        ZdbClient client = user();
        List<ZdbEntry> entries = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            entries.add(new ZdbEntry(bytes("key " + i), new byte[i % 100]));
        }
        client.setAll(entries);
        client.delete(bytes("key 7"));
        Map<String, Long> seen = new HashMap<>();
        long now = System.currentTimeMillis() / 1000;
        client.scan(entry -> {
            assertThat(seen.put(new String(entry.key(), UTF_8), entry.length())).isNull();
            assertThat(entry.timestamp()).isBetween(now - 60, now + 60);
        });
        assertThat(seen).hasSize(2999).containsEntry("key 250", 50L).doesNotContainKey("key 7");
    }

    @Test
    void scanOfNothing() {
        user().scan(entry -> {
            throw new AssertionError("found " + HexFormat.of().formatHex(entry.key()));
        });
    }

    @Test
    void info() {
        ZdbClient client = namespace(new NamespaceSettings(NamespaceMode.USER, 100_000, null, true));
        client.set(bytes("a"), new byte[40_000]);
        client.set(bytes("b"), new byte[1_000]);
        NamespaceInfo info = client.info();
        assertThat(info.name()).isEqualTo(client.endpoint().namespace());
        assertThat(info.mode()).isEqualTo(NamespaceMode.USER);
        assertThat(info.entries()).isEqualTo(2);
        assertThat(info.dataBytes()).isEqualTo(41_000);
        assertThat(info.limitBytes()).isEqualTo(100_000);
        assertThat(info.freeBytes()).isEqualTo(59_000);
        assertThat(info.passwordSet()).isFalse();
        assertThat(info.locked()).isFalse();
        assertThat(client.serverInfo().serverName()).contains("zdb");
    }

    @Test
    void noSpace() {
        ZdbClient client = namespace(new NamespaceSettings(NamespaceMode.USER, 1000, null, true));
        client.set(bytes("a"), new byte[900]);
        assertThatThrownBy(() -> client.set(bytes("b"), new byte[200])).isInstanceOf(ZdbException.NoSpace.class);
        assertThatThrownBy(() -> client.setAll(
                        List.of(new ZdbEntry(bytes("c"), new byte[10]), new ZdbEntry(bytes("d"), new byte[200]))))
                .isInstanceOf(ZdbException.NoSpace.class);
        assertThat(client.get(bytes("a")).orElseThrow()).hasSize(900);
    }

    @Test
    void lockedAndFrozen() {
        ZdbClient client = user();
        client.set(bytes("a"), bytes("1"));
        setProperty(client, "lock", "1");
        assertThatThrownBy(() -> client.set(bytes("a"), bytes("2"))).isInstanceOf(ZdbException.Locked.class);
        assertThat(client.get(bytes("a"))).isPresent();
        assertThat(client.info().locked()).isTrue();
        setProperty(client, "freeze", "1");
        assertThatThrownBy(() -> client.get(bytes("a"))).isInstanceOf(ZdbException.Frozen.class);
        setProperty(client, "freeze", "0");
        client.set(bytes("a"), bytes("2"));
    }

    @Test
    void passwords() {
        ZdbClient client = namespace(new NamespaceSettings(NamespaceMode.USER, 0, "secret", true));
        client.set(bytes("a"), bytes("1"));
        ZdbClient guest = as(client, null);
        assertThat(guest.get(bytes("a"))).isPresent();
        assertThatThrownBy(() -> guest.set(bytes("a"), bytes("2"))).isInstanceOf(ZdbException.ReadOnly.class);
        assertThatThrownBy(() -> as(client, "wrong").get(bytes("a"))).isInstanceOf(ZdbException.Denied.class);
    }

    @Test
    void privateNamespace() {
        ZdbClient client = namespace(new NamespaceSettings(NamespaceMode.USER, 0, "secret", false));
        client.set(bytes("a"), bytes("1"));
        assertThatThrownBy(() -> as(client, null).get(bytes("a"))).isInstanceOf(ZdbException.Denied.class);
    }

    @Test
    void missingNamespace() {
        ZdbClient client =
                new ZdbClient(new ZdbEndpoint(address(), "never-" + UUID.randomUUID(), null, null, tls()), TIMEOUTS, 1);
        opened.add(client);
        assertThatThrownBy(client::ping).isInstanceOf(ZdbException.NamespaceMissing.class);
        assertThat(new ZdbEndpoint(address(), "x").toString()).isEqualTo(address() + "/x");
    }

    @Test
    void removedNamespace() {
        ZdbClient client = user();
        client.set(bytes("a"), bytes("1"));
        ZdbClient admin = new ZdbClient(client.endpoint(), TIMEOUTS, 1);
        opened.add(admin);
        assertThat(admin.deleteNamespace()).isTrue();
        assertThat(admin.deleteNamespace()).isFalse();
        assertThatThrownBy(() -> client.get(bytes("a"))).isInstanceOf(ZdbException.NamespaceMissing.class);
        assertThat(admin.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                .isTrue();
        assertThat(admin.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                .isFalse();
        assertThat(client.get(bytes("a"))).as("a new namespace is empty").isEmpty();
    }

    @Test
    void manyThreads() throws Exception {
        ZdbClient client = user();
        List<FutureTask<Void>> workers = new ArrayList<>();
        for (int w = 0; w < 16; w++) {
            String name = "worker " + w + " ";
            FutureTask<Void> worker = new FutureTask<>(
                    () -> {
                        for (int i = 0; i < 30; i++) {
                            byte[] key = bytes(name + i);
                            client.set(key, key);
                            assertThat(client.get(key)).hasValue(key);
                        }
                    },
                    null);
            workers.add(worker);
            Thread.ofVirtual().start(worker);
        }
        for (FutureTask<Void> worker : workers) {
            worker.get(50, TimeUnit.SECONDS);
        }
        assertThat(client.info().entries()).isEqualTo(480);
    }
}
