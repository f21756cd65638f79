package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.fs.offload.Volume;
import org.qsfs.metadata.Catalog;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.object.ObjectName;
import org.qsfs.stor.object.ObjectStore;
import org.qsfs.stor.object.StoredObject;
import org.qsfs.stor.segment.Head;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What commands may have done about single files. Thread-safe. */
public final class StoredObjects implements AutoCloseable {
    private final ObjectStore objects;
    private final AutoCloseable owned;

    private StoredObjects(ObjectStore objects, AutoCloseable owned) {
        this.objects = objects;
        this.owned = owned;
    }

    /** Those of an open volume, whose engine stays the caller's. */
    static StoredObjects of(StorEngine engine, Path volumeDirectory) {
        return new StoredObjects(store(engine, volumeDirectory), () -> {});
    }

    /** To read, beside whoever is the writer. */
    public static StoredObjects forReading(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        Storage storage = Storage.openForReading(config, home);
        return new StoredObjects(
                store(storage.engine(), home.volume(config.volume()).directory()), storage);
    }

    /**
     * To write, as the writer of a volume that is not mounted. The caller holds its lock.
     *
     * @throws CommandFailure when it is a filesystem that this machine has no state of: a new term of writing here would put off the machine that has
     */
    public static StoredObjects forWriting(Config config, Home home)
            throws IOException, InterruptedException, CommandFailure {
        Path directory = home.volume(config.volume()).directory();
        OptionalLong localEpoch = Volume.localEpoch(directory);
        if (localEpoch.isEmpty()) {
            refuseFilesystem(config);
        }
        Storage storage = Storage.open(config, home, new Storage.Claim(Holder.of(directory), localEpoch, false));
        return new StoredObjects(store(storage.engine(), directory), storage);
    }

    /** Before anything is claimed: even a lease that is released at once begins a new term. */
    private static void refuseFilesystem(Config config) throws CommandFailure {
        try (Catalog catalog = CatalogConnection.open(config)) {
            if (catalog.get(Head.CATALOG_KEY).isPresent()) {
                throw new CommandFailure(
                        "volume \"" + config.volume()
                                + "\" is a filesystem of another machine; store files there, or give them a volume of their own");
            }
        }
    }

    private static ObjectStore store(StorEngine engine, Path volumeDirectory) {
        return engine.objects(volumeDirectory.resolve("objects"), ObjectStore.PIECE_BYTES);
    }

    /**
     * Stores a file.
     *
     * @param delete whether to delete the file afterwards
     */
    public AdminReply store(Path file, Path as, boolean delete) throws IOException {
        ObjectStore.Stored stored = objects.store(file, as);
        if (delete) {
            Files.delete(file);
        }
        return AdminReply.done(describe(stored.object()).put("uploaded", stored.uploaded()));
    }

    /** Stores an object once more, as the configuration is now. */
    public AdminReply rebuild(ObjectName name) throws IOException {
        return AdminReply.done(describe(objects.rebuild(name)));
    }

    /** Removes an object. */
    public AdminReply delete(ObjectName name) throws IOException {
        return AdminReply.done(Json.object().put("deleted", objects.delete(name)));
    }

    /** Brings a file back. */
    public AdminReply retrieve(ObjectName name, Path target) throws IOException {
        return AdminReply.done(describe(objects.retrieve(name, target)));
    }

    /** Whether something is stored under a name, and how well. */
    public AdminReply check(ObjectName name) throws IOException {
        Optional<StoredObject> object = objects.find(name);
        if (object.isEmpty()) {
            return new AdminReply(Json.object().put("stored", false), CommandFailure.FAILED);
        }
        ObjectStore.Health health = objects.health(object.get());
        ObjectNode result = describe(object.get())
                .put("stored", true)
                .put("pieces", health.pieces())
                .put("degraded", health.degraded())
                .put("lost", health.lost());
        return new AdminReply(
                result,
                health.whole()
                        ? CommandFailure.DONE
                        : health.lost() > 0 ? CommandFailure.FAILED : CommandFailure.DEGRADED);
    }

    /** Makes records again from what pieces say, see {@link ObjectStore#rebuildRecords}. */
    int rebuildRecords(boolean complete) throws IOException {
        return objects.rebuildRecords(complete);
    }

    /** All objects. */
    public AdminReply list() throws IOException {
        ObjectNode result = Json.object();
        ArrayNode list = result.putArray("objects");
        for (StoredObject object : objects.all()) {
            list.add(describe(object));
        }
        return AdminReply.done(result);
    }

    private static ObjectNode describe(StoredObject object) {
        StoredObject.FileFacts file = object.file();
        Instant modified = file.modified();
        return Json.object()
                .put("path", file.path())
                .put("checksum", file.checksum())
                .put("bytes", file.size())
                .put("modified", modified.toString());
    }

    @Override
    public void close() throws IOException {
        try {
            owned.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
