package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Files;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.config.BackendEntries;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.ConfigDifference;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.config.ConfigFile;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration of a mounted volume and its changes. A change is validated whole, against what is stored too, before any of it is used, and refused whole.
 *
 * <p>Thread-safe; one change at a time.
 */
public final class LiveConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

    private final Home home;
    private final StorEngine engine;
    private Config current;

    LiveConfig(Config current, Home home, StorEngine engine) {
        this.current = current;
        this.home = home;
        this.engine = engine;
    }

    /** What is used now. */
    public synchronized Config current() {
        return current;
    }

    /** Reads the file again and uses what it says. */
    public synchronized AdminReply reload() throws IOException, CommandFailure {
        ConfigDifference difference = use(parsed(Files.readString(current.source())));
        ObjectNode result = Json.object();
        ArrayNode now = result.putArray("now");
        difference.now().forEach(now::add);
        ArrayNode later = result.putArray("next_mount");
        difference.nextMount().forEach(later::add);
        LOG.info("configuration reloaded: {}", difference);
        return AdminReply.done(result);
    }

    /** A change of the backends in the file. */
    interface Edit {
        void change(BackendEntries entries) throws CommandFailure;
    }

    /**
     * Changes the backends, in use and in the file.
     *
     * @throws CommandFailure when the change is refused; then nothing has changed
     */
    synchronized void edit(Edit edit) throws IOException, CommandFailure {
        String text = Files.readString(current.source());
        BackendEntries entries = new BackendEntries(text, parsed(text));
        edit.change(entries);
        Config next = parsed(entries.text());
        use(next);
        try {
            PrivateFiles.write(current.source(), entries.text());
        } catch (IOException e) {
            throw new CommandFailure(
                    "the change is in use, but " + current.source() + " could not be written: " + e.getMessage()
                            + "; write it there by hand, or the next mount undoes it",
                    e);
        }
    }

    private ConfigDifference use(Config next) throws IOException, CommandFailure {
        ConfigDifference difference = ConfigDifference.of(current, next);
        try {
            engine.reconfigure(
                    BackendSettings.engine(next), BackendSettings.backends(next), BackendSettings.pool(next));
        } catch (StorException e) {
            throw new CommandFailure(CommandFailure.USAGE, "nothing was changed: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, next.source() + ": nothing was changed: " + e.getMessage());
        }
        current = next;
        return difference;
    }

    private Config parsed(String text) throws CommandFailure {
        try {
            return ConfigFile.parse(current.source(), text, home);
        } catch (ConfigException e) {
            throw new CommandFailure(CommandFailure.USAGE, "nothing was changed:\n" + e.getMessage());
        }
    }
}
