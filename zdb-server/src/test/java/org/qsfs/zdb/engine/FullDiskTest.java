package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.NamespaceSettings;

/** A full or broken disk refuses writes; the old values stay, and writing goes on when there is room again. */
final class FullDiskTest {
    private ForgetfulFiles files = new ForgetfulFiles();

    private Namespace open() throws IOException {
        return open(SyncMode.ALWAYS);
    }

    private Namespace open(SyncMode mode) throws IOException {
        DatabaseConfig config = DatabaseConfig.of(Path.of("/data"), Path.of("/index"))
                .withFiles(files)
                .withSync(mode, Duration.ofSeconds(1));
        return new Namespace(
                "n",
                config,
                new StoreLoader(config, new Statistics(), "n"),
                DatabaseListener.NONE,
                NamespaceSettings.fresh("n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void set(Namespace namespace, String key, String value) throws IOException {
        WriteOutcome outcome = namespace.set(ascii(key), 1, ByteBuffer.wrap(ascii(value)));
        assertThat(outcome).isInstanceOf(WriteOutcome.Done.class);
        ((WriteOutcome.Done) outcome).commit().await();
    }

    @Test
    void wherverTheSpaceEndsTheOldValueStaysAndWritingGoesOnLater() throws IOException {
        for (int space = 0; space < 200; space++) {
            files = new ForgetfulFiles();
            Namespace namespace = open();
            set(namespace, "key", "old value");
            files.limitSpace(space);
            String expected = "old value";
            try {
                set(namespace, "key", "new value, which is longer");
                expected = "new value, which is longer";
            } catch (WriteFailedException e) {
                assertThat(e).hasMessageContaining("No space");
            }
            assertThat(namespace.get(ascii("key"))).as("space %d", space).isEqualTo(ascii(expected));
            files.limitSpace(1 << 20);
            set(namespace, "other", "written later");
            assertThat(namespace.get(ascii("key"))).isEqualTo(ascii(expected));
            files = files.crash(new Random(space));
            Namespace found = open();
            assertThat(found.get(ascii("key")))
                    .as("space %d, after a crash", space)
                    .isEqualTo(ascii(expected));
            assertThat(found.get(ascii("other"))).isEqualTo(ascii("written later"));
        }
    }

    @Test
    void indexRecordsWaitForRoomUntilThereAreTooMany() throws IOException {
        for (boolean roomLater : new boolean[] {true, false}) {
            files = new ForgetfulFiles();
            Namespace namespace = open(SyncMode.INTERVAL);
            // room for the entries of some hundred keys, not for their index records as well
            files.limitSpace(20_000);
            int stored = fill(namespace);
            namespace.sync();
            expect(namespace, stored);
            if (roomLater) {
                files.limitSpace(1 << 20);
                set(namespace, "key" + stored, "v");
                stored++;
                namespace.jump();
                expect(namespace, stored);
            }
            files = files.crash(new Random(stored));
            files.limitSpace(1 << 20);
            expect(open(), stored);
        }
    }

    /** Stores keys until one is refused because of its index record. */
    private static int fill(Namespace namespace) throws IOException {
        for (int stored = 0; ; stored++) {
            try {
                set(namespace, "key" + stored, "v");
            } catch (WriteFailedException e) {
                assertThat(e.part()).isEqualTo(WriteFailedException.Part.INDEX);
                assertThat(e).hasMessageContaining("No space");
                return stored;
            }
        }
    }

    private static void expect(Namespace namespace, int keys) throws IOException {
        assertThat(namespace.entries()).isEqualTo(keys);
        for (int i = 0; i < keys; i++) {
            assertThat(namespace.get(ascii("key" + i))).isEqualTo(ascii("v"));
        }
        int scanned = 0;
        for (ScanPage page = namespace.scan(null, false); page != null; page = namespace.scan(page.last(), false)) {
            scanned += page.entries().size();
        }
        assertThat(scanned).isEqualTo(keys);
    }

    @Test
    void aJumpOnAFullDiskIsRefusedAndTriedAgain() throws IOException {
        for (int space = 0; space < 70; space++) {
            files = new ForgetfulFiles();
            Namespace namespace = open();
            set(namespace, "key", "value");
            files.limitSpace(space);
            try {
                namespace.jump();
            } catch (WriteFailedException e) {
                assertThat(e).hasMessageContaining("No space");
            }
            files.limitSpace(1 << 20);
            namespace.jump();
            set(namespace, "key", "second");
            files = files.crash(new Random(space));
            assertThat(open().get(ascii("key"))).isEqualTo(ascii("second"));
        }
    }

    @Test
    void aCompactionOnAFullDiskIsGivenUpAndTriedAgain() throws IOException {
        for (int space = 0; space < 400; space += 3) {
            files = new ForgetfulFiles();
            Namespace namespace = open();
            set(namespace, "dead", "x".repeat(1000));
            set(namespace, "live", "y".repeat(100));
            namespace.jump();
            set(namespace, "dead", "short");
            files.limitSpace(space);
            try {
                namespace.compact();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("No space");
            }
            assertThat(namespace.get(ascii("live"))).isEqualTo(ascii("y".repeat(100)));
            files.limitSpace(1 << 20);
            set(namespace, "live", "z");
            namespace.compact();
            files = files.crash(new Random(space));
            Namespace found = open();
            assertThat(found.get(ascii("live"))).isEqualTo(ascii("z"));
            assertThat(found.get(ascii("dead"))).isEqualTo(ascii("short"));
            assertThat(files.list(Path.of("/data/n"))).noneMatch(name -> name.endsWith(".compact"));
        }
    }

    @Test
    void afterAFailedFsyncNothingIsAcknowledgedAnyMore() throws IOException {
        Namespace namespace = open();
        set(namespace, "key", "value");
        files.failNextSync();
        assertThatThrownBy(() -> set(namespace, "key", "lost")).isInstanceOf(WriteFailedException.class);
        assertThatThrownBy(() -> set(namespace, "key", "again")).isInstanceOf(WriteFailedException.class);
        files = files.crash(new Random(1));
        assertThat(new String(open().get(ascii("key")), StandardCharsets.US_ASCII))
                .isIn("value", "lost", "again");
    }
}
