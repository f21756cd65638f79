package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;

/** Files with changed bytes are refused with an I/O error, or opened; then a value is one that was once stored under its key, or an error. */
final class DamagedFilesTest {
    private static final Path DATA = Path.of("/data/n");
    private static final Path INDEX = Path.of("/index/n");
    private static final int PAGES = 10_000;

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

    @ParameterizedTest
    @EnumSource(Mode.class)
    void damageIsNoticed(Mode mode) throws IOException {
        damage(mode, 0, 1500);
    }

    /** The last index record had a key of another length: opening threw a BufferUnderflowException. */
    @Test
    void damagedKeyOfTheLastRecord() throws IOException {
        damage(Mode.SEQUENTIAL, 42_560, 42_590);
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
        List<Path> paths = new ArrayList<>();
        for (Path directory : List.of(DATA, INDEX)) {
            written.list(directory).forEach(name -> paths.add(directory.resolve(name)));
        }
        int opened = 0;
        for (int seed = from; seed < to; seed++) {
            Random random = new Random(seed);
            ForgetfulFiles files = new ForgetfulFiles();
            files.createDirectories(DATA);
            files.createDirectories(INDEX);
            for (Path path : paths) {
                files.put(path, written.bytes(path));
            }
            for (int i = random.nextInt(3); i >= 0; i--) {
                Path victim = paths.get(random.nextInt(paths.size()));
                files.put(victim, mutated(files.bytes(victim), random));
            }
            try {
                opened += check(files, mode, values) ? 1 : 0;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(opened).isGreaterThan((to - from) / 3);
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] result = random.nextInt(4) == 0
                ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 20))
                : bytes.clone();
        for (int i = random.nextInt(4); i > 0 && result.length > 0; i--) {
            result[random.nextInt(result.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : -1);
        }
        return result;
    }

    private static boolean check(ForgetfulFiles files, Mode mode, Map<String, Set<String>> values) {
        try {
            Namespace namespace = open(files, mode);
            for (Map.Entry<String, Set<String>> e : values.entrySet()) {
                byte[] key = e.getKey().getBytes(StandardCharsets.ISO_8859_1);
                try {
                    byte[] value = namespace.get(key);
                    assertThat(value == null || e.getValue().contains(text(value)))
                            .as("a value that was never stored")
                            .isTrue();
                    namespace.history(key, null);
                } catch (IOException damaged) {
                    assertThat(damaged).hasMessageNotContaining("null");
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
