package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.qsfs.cli.admin.AdminCommand;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.volume.ServedVolume;
import org.qsfs.cli.volume.StoredObjects;
import org.qsfs.stor.object.ObjectName;
import tools.jackson.databind.JsonNode;

/** The admin commands that concern stored segments and backends. */
final class StorageCommands {
    private StorageCommands() {}

    /** Finds the open volume. */
    interface Open {
        /** @throws CommandFailure when it is not mounted yet, or not any more */
        ServedVolume volume() throws CommandFailure;
    }

    static Map<String, AdminCommand> of(Open open, Path mountpoint) {
        return Map.of(
                "stats", (arguments, progress) -> AdminReply.done(open.volume().stats()),
                "repair", (arguments, progress) -> open.volume().repair(progress),
                "scrub",
                        (arguments, progress) -> open.volume()
                                .upkeep()
                                .scrub(
                                        arguments.path("subset").asString(""),
                                        arguments.path("quick").asBoolean(false),
                                        progress),
                "object-store", (arguments, progress) -> store(open.volume().objects(), mountpoint, arguments),
                "object-rebuild",
                        (arguments, progress) -> open.volume().objects().rebuild(name(arguments)),
                "object-delete",
                        (arguments, progress) -> open.volume().objects().delete(name(arguments)));
    }

    private static AdminReply store(StoredObjects objects, Path mountpoint, JsonNode arguments)
            throws IOException, CommandFailure {
        Path file = Path.of(arguments.path("file").asString(""));
        if (file.toRealPath().startsWith(mountpoint)) {
            throw new CommandFailure(
                    file + " lies on the volume itself, which stores it anyway; `qsfs flush` stores it now");
        }
        return objects.store(
                file,
                Path.of(arguments.path("as").asString("")),
                arguments.path("delete").asBoolean(false));
    }

    private static ObjectName name(JsonNode arguments) {
        return new ObjectName(arguments.path("name").asString(""));
    }
}
