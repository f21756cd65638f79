package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;
import org.slf4j.LoggerFactory;

/**
 * Files with changed bytes are refused with an I/O error, or opened; then a value is one that was once stored under its key, or an
 * error. {@link LostKeys} is the one exception.
 */
final class DamagedFilesTest {
    private static final Path DATA = Path.of("/data/n");
    static final Path INDEX = Path.of("/index/n");
    private static final int PAGES = 10_000;
    private static final Logger ENGINE_LOG = (Logger) LoggerFactory.getLogger("org.qsfs.zdb.engine");

    private static Namespace open(ForgetfulFiles files, Mode mode) throws IOException {
        DatabaseConfig config = DatabaseConfig.of(DATA.getParent(), INDEX.getParent())
                .withMode(mode)
                .withFiles(files)
                .withSync(SyncMode.NEVER, Duration.ofSeconds(1));
        NamespaceSettings settings = files.exists(INDEX.resolve(NamespaceSettings.FILE_NAME))
                ? NamespaceSettings.read(files, INDEX)
                : NamespaceSettings.fresh("n");
        Namespace namespace = new Namespace(
                "n", config, new StoreLoader(config, new Statistics(), "n"), DatabaseListener.NONE, settings);
        namespace.settings(settings);
        return namespace;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Writes some keys over three pairs of files; key → every value it had. */
    private static Map<String, Set<String>> fill(ForgetfulFiles files, Mode mode) throws IOException {
        Map<String, Set<String>> values = new HashMap<>();
        Random random = new Random(1);
        Namespace namespace = open(files, mode);
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            boolean insert = keys.size() < 5 || random.nextInt(3) == 0;
            byte[] key = insert
                    ? mode == Mode.USER ? ("key" + i).getBytes(StandardCharsets.US_ASCII) : new byte[0]
                    : keys.get(random.nextInt(keys.size()));
            byte[] value = new byte[random.nextInt(50)];
            random.nextBytes(value);
            if (namespace.set(key, i, ByteBuffer.wrap(value)) instanceof WriteOutcome.Done done) {
                keys.add(done.key());
                values.computeIfAbsent(text(done.key()), k -> new HashSet<>()).add(text(value));
            }
            if (i % 7 == 3) {
                namespace.delete(keys.get(random.nextInt(keys.size())), i);
            }
            if (i % 25 == 24) {
                namespace.jump();
            }
        }
        namespace.close();
        return values;
    }

    /** Silent: most damaged files are repaired with a warning. */
    @BeforeAll
    static void quiet() {
        ENGINE_LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        ENGINE_LOG.setLevel(null);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void damageIsNoticed(Mode mode) throws IOException {
        damage(mode, 0, 12_500);
    }

    /** The last index record had a key of another length: opening threw a BufferUnderflowException. */
    @Test
    void damagedKeyOfTheLastRecord() throws IOException {
        damage(Mode.SEQUENTIAL, 42_560, 42_590);
    }

    /**
     * The key of an entry became another one (29 → 5) and the end of the index file with the entry's record was lost: the one
     * damage that the format cannot tell, here from an update of id 5.
     */
    @Test
    void damagedKeyWhoseIndexRecordIsLostToo() throws IOException {
        damage(Mode.SEQUENTIAL, 301_535, 301_536);
    }

    /** The same with the record in place: all later values of the file were lost, because their records were cut off as without entry. */
    @Test
    void damagedKeyOfAnEntry() throws IOException {
        ForgetfulFiles written = new ForgetfulFiles();
        Set<String> keys = fill(written, Mode.SEQUENTIAL).keySet();
        Map<String, String> before = values(written, keys);
        Path data = DATA.resolve("d2");
        byte[] bytes = written.bytes(data);
        assertThat(bytes[253]).isEqualTo((byte) 29);
        bytes[253] = 5;
        written.put(data, bytes);

        before.put(text(SequentialStore.key(29)), "unreadable");
        assertThat(values(written, keys)).isEqualTo(before);
    }

    private static Map<String, String> values(ForgetfulFiles files, Set<String> keys) throws IOException {
        Map<String, String> values = new HashMap<>();
        Namespace namespace = open(files, Mode.SEQUENTIAL);
        for (String key : keys) {
            try {
                byte[] value = namespace.get(key.getBytes(StandardCharsets.ISO_8859_1));
                values.put(key, value == null ? "none" : hex(value));
            } catch (IOException e) {
                values.put(key, "unreadable");
            }
        }
        namespace.close();
        return values;
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(Mode.class)
    void damageIsNoticedInAMillionFiles(Mode mode) throws IOException {
        damage(mode, 10_000, 510_000);
    }

    private static void damage(Mode mode, int from, int to) throws IOException {
        ForgetfulFiles written = new ForgetfulFiles();
        Map<String, Set<String>> values = fill(written, mode);
        Map<Path, byte[]> original = new TreeMap<>();
        for (Path directory : List.of(DATA, INDEX)) {
            for (String name : written.list(directory)) {
                original.put(directory.resolve(name), written.bytes(directory.resolve(name)));
            }
        }
        LostKeys lost = new LostKeys(original);
        List<Path> paths = List.copyOf(original.keySet());
        long opened = IntStream.range(from, to)
                .parallel()
                .filter(seed -> {
                    Random random = new Random(seed);
                    Map<Path, byte[]> damaged = new HashMap<>(original);
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        Path victim = paths.get(random.nextInt(paths.size()));
                        damaged.put(victim, mutated(damaged.get(victim), random));
                    }
                    try {
                        return check(damaged, mode, values, lost);
                    } catch (AssertionError | RuntimeException e) {
                        throw new AssertionError("seed " + seed, e);
                    }
                })
                .count();
        assertThat(opened).isGreaterThan((to - from) / 3);
        assertThat(lost.explained()).isLessThanOrEqualTo(1 + (to - from) / 10_000);
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] result =
                random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 20)) : bytes.clone();
        for (int i = random.nextInt(4); i > 0 && result.length > 0; i--) {
            result[random.nextInt(result.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : -1);
        }
        return result;
    }

    private static boolean check(Map<Path, byte[]> damaged, Mode mode, Map<String, Set<String>> values, LostKeys lost) {
        ForgetfulFiles files = new ForgetfulFiles();
        try {
            files.createDirectories(DATA);
            files.createDirectories(INDEX);
            damaged.forEach(files::put);
            Namespace namespace = open(files, mode);
            for (Map.Entry<String, Set<String>> e : values.entrySet()) {
                byte[] key = e.getKey().getBytes(StandardCharsets.ISO_8859_1);
                try {
                    byte[] value = namespace.get(key);
                    if (value != null && !e.getValue().contains(text(value)) && !lost.explain(damaged, key, value)) {
                        fail("a value that was never stored: %s of key %s", hex(value), hex(key));
                    }
                    namespace.history(key, null);
                } catch (IOException noticed) {
                    assertThat(noticed).hasMessageNotContaining("null");
                }
            }
            walk(namespace, false);
            walk(namespace, true);
            namespace.set("new".getBytes(StandardCharsets.US_ASCII), 1, ByteBuffer.wrap(new byte[3]));
            namespace.close();
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void walk(Namespace namespace, boolean backward) throws IOException {
        int pages = 0;
        for (ScanPage page = namespace.scan(null, backward);
                page != null;
                page = namespace.scan(page.last(), backward)) {
            if (++pages > PAGES) {
                fail("a scan does not end");
            }
        }
    }
}
