package org.qsfs.cli.daemon;

import java.util.Map;
import org.qsfs.cli.admin.AdminCommand;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.volume.ServedVolume;

/** The admin commands that concern stored segments and backends. */
final class StorageCommands {
    private StorageCommands() {}

    /** Finds the open volume. */
    interface Open {
        /** @throws CommandFailure when it is not mounted yet, or not any more */
        ServedVolume volume() throws CommandFailure;
    }

    static Map<String, AdminCommand> of(Open open) {
        return Map.of(
                "stats", (arguments, progress) -> AdminReply.done(open.volume().stats()),
                "repair", (arguments, progress) -> open.volume().repair(progress),
                "scrub",
                        (arguments, progress) -> open.volume()
                                .upkeep()
                                .scrub(
                                        arguments.path("subset").asString(""),
                                        arguments.path("quick").asBoolean(false),
                                        progress));
    }
}
