package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.qsfs.cli.admin.AdminCommand;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Secret;
import org.qsfs.cli.volume.ServedVolume;
import org.qsfs.cli.volume.StoredObjects;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.object.ObjectName;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbTls;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The admin commands that concern stored segments and backends. */
final class StorageCommands {
    private static final Duration GC_GRACE = Duration.ofHours(24);

    private StorageCommands() {}

    /** Finds the open volume. */
    interface Open {
        /** @throws CommandFailure when it is not mounted yet, or not any more */
        ServedVolume volume() throws CommandFailure;
    }

    static Map<String, AdminCommand> of(Open open, Path mountpoint) {
        Map<String, AdminCommand> commands = new HashMap<>();
        commands.put(
                "stats", (arguments, progress) -> AdminReply.done(open.volume().stats()));
        commands.put("repair", (arguments, progress) -> open.volume().repair(progress));
        commands.put(
                "scrub",
                (arguments, progress) ->
                        open.volume().upkeep().scrub(text(arguments, "subset"), flag(arguments, "quick"), progress));
        commands.put(
                "gc",
                (arguments, progress) -> open.volume()
                        .upkeep()
                        .gc(
                                Duration.ofMillis(arguments.path("grace_ms").asLong(GC_GRACE.toMillis())),
                                flag(arguments, "dry_run"),
                                progress));
        commands.put("reload", (arguments, progress) -> open.volume().config().reload());
        commands.put(
                "backend-list",
                (arguments, progress) -> open.volume().backends().list());
        commands.put(
                "backend-add",
                (arguments, progress) -> open.volume().backends().add(text(arguments, "group"), backend(arguments)));
        commands.put(
                "backend-remove",
                (arguments, progress) -> open.volume().backends().remove(id(arguments), flag(arguments, "force")));
        commands.put(
                "backend-drain",
                (arguments, progress) ->
                        open.volume().backends().drain(id(arguments), flag(arguments, "stop"), progress));
        commands.put(
                "backend-replace",
                (arguments, progress) -> open.volume().backends().replace(id(arguments), backend(arguments), progress));
        commands.put(
                "backend-rotate",
                (arguments, progress) -> open.volume().backends().rotate(id(arguments), progress));
        commands.put(
                "backend-rebalance",
                (arguments, progress) -> open.volume()
                        .backends()
                        .rebalance(arguments.path("max_bytes").asLong(Long.MAX_VALUE), progress));
        commands.put(
                "object-store", (arguments, progress) -> store(open.volume().objects(), mountpoint, arguments));
        commands.put(
                "object-rebuild",
                (arguments, progress) -> open.volume().objects().rebuild(name(arguments)));
        commands.put(
                "object-delete",
                (arguments, progress) -> open.volume().objects().delete(name(arguments)));
        return commands;
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

    private static String text(ObjectNode arguments, String key) {
        return arguments.path(key).asString("");
    }

    private static boolean flag(ObjectNode arguments, String key) {
        return arguments.path(key).asBoolean(false);
    }

    private static BackendId id(ObjectNode arguments) throws CommandFailure {
        String text = text(arguments, "id");
        if (!BackendId.isLegal(text)) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    "found \"" + text + "\", expected the id of a backend: 1 to 64 letters, digits, '.', '_' or '-'");
        }
        return new BackendId(text);
    }

    private static Optional<ZdbTls> tls(ObjectNode arguments) {
        String authorities = text(arguments, "ca_file");
        return flag(arguments, "tls")
                ? Optional.of(new ZdbTls(authorities.isEmpty() ? null : Path.of(authorities)))
                : Optional.empty();
    }

    /** The password comes by a file, so that it is in nobody's list of processes. */
    private static Config.Backend backend(ObjectNode arguments) throws CommandFailure, java.io.IOException {
        String file = text(arguments, "password_file");
        Optional<Secret> password = file.isEmpty()
                ? Optional.empty()
                : Optional.of(new Secret(Files.readString(Path.of(file)).strip()));
        try {
            return new Config.Backend(
                    id(arguments),
                    ZdbAddress.parse(text(arguments, "address")),
                    text(arguments, "namespace"),
                    password,
                    false,
                    tls(arguments),
                    new BackendTerms(
                            arguments.path("weight").asInt(BackendTerms.USUAL_WEIGHT),
                            arguments.path("capacity").asLong(0),
                            false));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
