package org.qsfs.stor.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.rebuild.RecordRebuild;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.testing.MortalCatalog;

@DisplayName("A single file whose record was lost")
class ObjectRebuildTest extends StoredFiles {
    @Test
    @DisplayName("gets it back from its pieces")
    void lost() throws Exception {
        Path file = file("file", 250_000);
        Path small = file("small", 10);
        objects.store(file, file);
        objects.store(small, small);
        loseRecords();
        assertThat(objects.all()).isEmpty();
        assertThat(objects.rebuildRecords(true)).isEqualTo(2);
        expectNoStrays();
        expect(file, file);
        expect(small, small);
    }

    @Test
    @DisplayName("keeps its pieces until a rebuild has seen every one")
    void incomplete() throws Exception {
        Path file = file("file", 250_000);
        StoredObject object = objects.store(file, file).object();
        String unseen = object.pieces().get(1).catalogKey();
        byte[] record = backends.catalog().get(unseen).orElseThrow().value();
        loseRecords();
        backends.forget(unseen);
        reopen();
        assertThat(objects.rebuildRecords(false)).isZero();
        Path other = file("other", 10);
        objects.store(other, other);
        assertThat(segments()).isEqualTo(3);

        backends.catalog()
                .commit(CatalogTransaction.begin()
                        .ifHeld(backends.lease())
                        .put(unseen, record)
                        .build());
        reopen();
        assertThat(objects.rebuildRecords(true)).isEqualTo(2);
        expectNoStrays();
        expect(file, file);
        expect(other, other);
    }

    @Test
    @DisplayName("is kept as garbage until the next change, when a rebuild has seen everything and a piece is nowhere")
    void pieceGone() throws Exception {
        Path file = file("file", 250_000);
        StoredObject object = objects.store(file, file).object();
        backends.engine().delete(object.pieces().getFirst());
        loseRecords();
        assertThat(objects.rebuildRecords(true)).isZero();
        assertThat(segments()).isEqualTo(2);
        expectNoStrays();
        backends.expectEmptyBackends();
    }

    @Test
    @DisplayName("comes back though the catalog, which was set back, calls it garbage")
    void setBack() throws Exception {
        Path file = file("file", 250_000);
        StoredObject object = objects.store(file, file).object();
        loseRecords();
        backends.catalog()
                .commit(CatalogTransaction.begin()
                        .ifHeld(backends.lease())
                        .put("object-garbage/" + object.generation(), object.encode())
                        .build());
        String unseen = object.pieces().get(1).catalogKey();
        byte[] record = backends.catalog().get(unseen).orElseThrow().value();
        backends.forget(unseen);
        reopen();
        assertThat(objects.rebuildRecords(false)).isZero();
        Path other = file("other", 10);
        objects.store(other, other);
        backends.catalog()
                .commit(CatalogTransaction.begin()
                        .ifHeld(backends.lease())
                        .put(unseen, record)
                        .put("object-garbage/" + object.generation(), object.encode())
                        .build());
        reopen();
        assertThat(objects.rebuildRecords(true)).isEqualTo(2);
        expectNoStrays();
        expect(file, file);
    }

    @Test
    @DisplayName("is the later of two stores, and one that the catalog knows is only replaced by a whole later one")
    void twoStores() throws Exception {
        Path old = file("old", 150_000);
        Path next = file("next", 120_000);
        Path name = Path.of("/backups/daily");
        objects.store(old, name);
        // everything happens but the deletion of the old pieces
        backends.reopenOn(new MortalCatalog(backends.catalog(), 6, false));
        objects = objects();
        StoredObject later = objects.store(next, name).object();
        reopen();
        assertThat(segments()).isEqualTo(4);

        String unseen = later.pieces().getLast().catalogKey();
        byte[] record = backends.catalog().get(unseen).orElseThrow().value();
        backends.forget(unseen);
        reopen();
        assertThat(objects.rebuildRecords(false)).isEqualTo(1);
        assertThat(objects.find(ObjectName.of(name))).contains(later);

        backends.catalog()
                .commit(CatalogTransaction.begin()
                        .ifHeld(backends.lease())
                        .put(unseen, record)
                        .build());
        loseRecords();
        reopen();
        assertThat(objects.rebuildRecords(true)).isEqualTo(1);
        expectNoStrays();
        assertThat(segments()).isEqualTo(2);
        expect(name, next);
    }

    @Test
    @DisplayName("keeps the permissions that a later store of the same content gave it, when the catalog knows them")
    void facts() throws Exception {
        Path file = file("file", 150_000);
        objects.store(file, file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(objects.store(file, file).uploaded()).isFalse();
        assertThat(objects.rebuildRecords(true)).isEqualTo(1);
        expect(file, file);
    }

    @Test
    @DisplayName("keeps the numbers of its pieces to itself, although a rebuild did not see them")
    void numbers() throws Exception {
        Path file = file("file", 250_000);
        objects.store(file, file);
        Path other = file("other", 150_000);
        loseRecords();
        backends.catalog().list(SegmentId.CATALOG_PREFIX).forEach(entry -> backends.forget(entry.key()));
        backends.kill(3);
        for (int backend = 0; backend < 3; backend++) {
            backends.awaitState(backend, BackendState.DOWN);
        }
        rebuild(false);
        backends.heal();
        objects.store(other, other);

        rebuild(true);
        expect(file, file);
        expect(other, other);
    }

    private void rebuild(boolean complete) throws Exception {
        RecordRebuild found = RecordRebuild.look(backends.pool(), backends.keys());
        assertThat(found.isComplete()).isEqualTo(complete);
        found.write(backends.catalog(), backends.lease());
        reopen();
        objects.rebuildRecords(complete);
    }
}
