package org.qsfs.stor.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.testing.MortalCatalog;

/** The process ends at every step of every change; what it did not hear of happens or not. */
@DisplayName("A single file")
class ObjectCrashTest extends StoredFiles {
    /** What becomes of the commit that a process died of. */
    enum Unanswered {
        LOST,
        DONE,
        /** Happens when the next process has just begun. */
        LATE,
        /** Happens after the next process changed something. */
        VERY_LATE
    }

    private interface Change {
        void run() throws IOException;
    }

    /** Runs a change of a file in processes that die at the first, second, … commit, until it needs no more. */
    private void dieAtEveryCommit(Unanswered unanswered, Change prepare, Change change, Change expected)
            throws IOException {
        for (int commits = 0; ; commits++) {
            assertThat(commits).as("commits of one change").isLessThan(30);
            prepare.run();
            MortalCatalog mortal = new MortalCatalog(backends.catalog(), commits, unanswered == Unanswered.DONE);
            backends.reopenOn(mortal);
            objects = objects();
            try {
                change.run();
            } catch (IOException died) {
                assertThat(mortal.isDead()).as("died by the catalog: " + died).isTrue();
            }
            if (unanswered == Unanswered.LATE) {
                deliver(mortal);
            }
            reopen();
            expected.run();
            if (unanswered == Unanswered.VERY_LATE) {
                objects.delete(ObjectName.of(Path.of("/nothing")));
                deliver(mortal);
                reopen();
                expected.run();
            }
            expectNoStrays();
            expected.run();
            if (!mortal.isDead()) {
                return;
            }
        }
    }

    private void deliver(MortalCatalog mortal) {
        mortal.unanswered()
                .filter(late ->
                        late.mutations().stream().anyMatch(one -> one.key().startsWith("object")))
                .ifPresent(backends.catalog()::commit);
    }

    private void expectOneOf(Path name, Path old, Path next) throws IOException {
        boolean isNew = objects.find(ObjectName.of(name)).orElseThrow().file().size() == Files.size(next);
        expect(name, isNew ? next : old);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("is the old or the new one after a crash while it was replaced, and no piece is left of the other")
    void crashWhileReplacing(Unanswered unanswered) throws Exception {
        Path old = file("old", 250_000);
        Path next = file("next", 120_000);
        Path name = Path.of("/backups/daily");
        dieAtEveryCommit(
                unanswered,
                () -> objects.store(old, name),
                () -> objects.store(next, name),
                () -> expectOneOf(name, old, next));
        expect(name, next);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("is there or not after a crash while it was deleted, and then no piece is left")
    void crashWhileDeleting(Unanswered unanswered) throws Exception {
        Path file = file("file", 250_000);
        dieAtEveryCommit(unanswered, () -> objects.store(file, file), () -> objects.delete(ObjectName.of(file)), () -> {
            if (!objects.all().isEmpty()) {
                expect(file, file);
            }
        });
        backends.expectEmptyBackends();
    }

    @Test
    @DisplayName("is the newest one although a deletion, or a change of permissions, of the one before happens late")
    void lateChanges() throws Exception {
        Path old = file("old", 150_000);
        Path next = file("next", 120_000);
        Path name = Path.of("/backups/daily");
        List<Change> changes = List.of(() -> objects.delete(ObjectName.of(name)), () -> {
            Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-rw-rw-"));
            objects.store(old, name);
        });
        for (Change change : changes) {
            objects.store(old, name);
            MortalCatalog mortal = new MortalCatalog(backends.catalog(), 0, false);
            backends.reopenOn(mortal);
            objects = objects();
            assertThatThrownBy(change::run).isInstanceOf(StorException.CatalogFailed.class);
            reopen();
            objects.store(next, name);
            deliver(mortal);
            expect(name, next);
            expectNoStrays();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST", "DONE"})
    @DisplayName("is there after a crash while it was stored anew")
    void crashWhileRebuilding(Unanswered unanswered) throws Exception {
        Path file = file("file", 150_000);
        dieAtEveryCommit(
                unanswered,
                () -> objects.store(file, file),
                () -> objects.rebuild(ObjectName.of(file)),
                () -> expect(file, file));
    }

    @Test
    @DisplayName(
            "is the old or the new one when the catalog is lost after a crash, also when the file changed while it was stored")
    void crashAndCatalogLost() throws Exception {
        Path old = file("old", 150_000);
        Path name = Path.of("/backups/daily");
        for (int commits = 0; ; commits++) {
            assertThat(commits).as("commits of one change").isLessThan(30);
            objects.store(old, name);
            Path next = file("next", 250_000);
            MortalCatalog mortal = new MortalCatalog(backends.catalog(), commits, false);
            backends.reopenOn(mortal);
            objects = objects();
            if (commits % 2 == 0) {
                backends.zdb(0).afterWrite(() -> change(next));
            }
            try {
                objects.store(next, name);
            } catch (IOException died) {
                // the file was changed, or the catalog died
            }
            backends.zdb(0).afterWrite(() -> {});
            loseRecords();
            reopen();
            assertThat(objects.rebuildRecords(true)).isEqualTo(1);
            objects.delete(ObjectName.of(Path.of("/nothing")));
            expectOneOf(name, old, next);
            if (!mortal.isDead() && commits % 2 == 1) {
                return;
            }
        }
    }
}
