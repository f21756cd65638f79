package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.NamespaceSettings;

@DisplayName("W22: after a crash it is known which index files changed")
final class DirtyFilesTest {
    private static final Path INDEX = Path.of("/index/n");

    private static Namespace open(ForgetfulFiles files, SyncMode sync) throws IOException {
        DatabaseConfig config = DatabaseConfig.of(Path.of("/data"), Path.of("/index"))
                .withFiles(files)
                .withSync(sync, Duration.ofSeconds(1));
        return new Namespace(
                "n",
                config,
                new StoreLoader(config, new Statistics(), "n"),
                DatabaseListener.NONE,
                NamespaceSettings.fresh("n"));
    }

    private static void set(Namespace namespace, String key, String value) throws IOException {
        byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer text = ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII));
        if (namespace.set(bytes, 1, text) instanceof WriteOutcome.Done done) {
            done.commit().await();
        }
    }

    /** Index files 0 and 2 are changed in place by updates in file 3. */
    private static Namespace change(ForgetfulFiles files, SyncMode sync) throws IOException {
        Namespace namespace = open(files, sync);
        for (String key : new String[] {"a", "b", "c"}) {
            set(namespace, key, "1");
            namespace.jump();
        }
        set(namespace, "a", "2");
        set(namespace, "c", "2");
        assertThat(namespace.dirty()).containsExactly(0, 2);
        return namespace;
    }

    @Test
    void aPowerCutLosesNoNumber() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            ForgetfulFiles files = new ForgetfulFiles();
            change(files, SyncMode.ALWAYS);
            assertThat(open(files.crash(new Random(seed)), SyncMode.ALWAYS).dirty())
                    .contains(0, 2);
        }
    }

    @Test
    void aNumberThatWasReportedIsForgotten() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        Namespace namespace = change(files, SyncMode.ALWAYS);
        namespace.resetDirty(namespace.dirty());
        set(namespace, "b", "2");
        assertThat(open(files.crash(new Random(1)), SyncMode.ALWAYS).dirty()).containsExactly(1);
    }

    @Test
    void aStopHandsTheNumbersOnAndForgetsThem() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        Namespace namespace = change(files, SyncMode.INTERVAL);
        namespace.close();
        assertThat(namespace.dirty()).containsExactly(0, 2);
        assertThat(files.exists(INDEX.resolve(DirtyFiles.FILE_NAME))).isFalse();
        assertThat(open(files, SyncMode.INTERVAL).dirty()).isEmpty();
    }

    @Test
    void aDamagedFileMeansAll() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        change(files, SyncMode.ALWAYS);
        ForgetfulFiles found = files.crash(new Random(1));
        Path path = INDEX.resolve(DirtyFiles.FILE_NAME);
        byte[] bytes = found.bytes(path);
        bytes[9] ^= 1;
        found.put(path, bytes);
        assertThat(open(found, SyncMode.ALWAYS).dirty()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void moreNumbersThanTheFileHoldsMeanAll() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        files.createDirectories(INDEX);
        DirtyFiles dirty = new DirtyFiles(files, INDEX);
        dirty.begin(0, true);
        TreeSet<Integer> many = new TreeSet<>();
        for (int i = 0; i < 4000; i += 2) {
            many.add(i);
        }
        dirty.mark(many);
        dirty.persist(true);
        DirtyFiles after = new DirtyFiles(files.crash(new Random(1)), INDEX);
        after.begin(5000, true);
        assertThat(after.numbers()).hasSize(5001);
    }

    @Test
    void aFullDiskIsNoReasonToStop() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        Namespace namespace = change(files, SyncMode.ALWAYS);
        set(namespace, "b", "2");
        namespace.close();
        files.limitSpace(0);
        Namespace again = open(files, SyncMode.ALWAYS);
        assertThat(again.get("b".getBytes(StandardCharsets.US_ASCII))).isEqualTo(new byte[] {'2'});
        files.limitSpace(1 << 20);
        set(again, "b", "3");
        again.close();
    }
}
