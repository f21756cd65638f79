package org.qsfs.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.daemon.ObjectSession;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.volume.StoredObjects;
import org.qsfs.stor.object.ObjectName;

/** Changes of single files: by the daemon of a mounted volume, else by the command itself. */
final class ObjectRequest implements AutoCloseable {
    private final Optional<DaemonRecord.Running> daemon;
    private final Optional<ObjectSession> session;
    private final Progress progress;

    private ObjectRequest(Optional<DaemonRecord.Running> daemon, Optional<ObjectSession> session, Progress progress) {
        this.daemon = daemon;
        this.session = session;
        this.progress = progress;
    }

    static ObjectRequest begin(Config config, Home home, Progress progress)
            throws IOException, InterruptedException, CommandFailure {
        Optional<DaemonRecord.Running> daemon = ObjectSession.daemon(config, home);
        return new ObjectRequest(
                daemon,
                daemon.isPresent() ? Optional.empty() : Optional.of(ObjectSession.forWriting(config, home)),
                progress);
    }

    AdminReply store(Path file, Path as, boolean delete) throws IOException, CommandFailure {
        if (daemon.isPresent()) {
            return VolumeOptions.call(
                    daemon.get(),
                    "object-store",
                    Json.object()
                            .put("file", file.toString())
                            .put("as", as.toString())
                            .put("delete", delete),
                    progress);
        }
        return objects().store(file, as, delete);
    }

    AdminReply rebuild(ObjectName name) throws IOException, CommandFailure {
        return daemon.isPresent() ? ask("object-rebuild", name) : objects().rebuild(name);
    }

    AdminReply delete(ObjectName name) throws IOException, CommandFailure {
        return daemon.isPresent() ? ask("object-delete", name) : objects().delete(name);
    }

    private AdminReply ask(String request, ObjectName name) throws CommandFailure {
        return VolumeOptions.call(daemon.orElseThrow(), request, Json.object().put("name", name.hash()), progress);
    }

    private StoredObjects objects() {
        return session.orElseThrow().objects();
    }

    @Override
    public void close() throws IOException {
        if (session.isPresent()) {
            session.get().close();
        }
    }
}
