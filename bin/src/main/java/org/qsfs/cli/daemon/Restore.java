package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.cli.home.VolumeHome;
import org.qsfs.cli.home.VolumeLock;
import org.qsfs.cli.volume.ServedVolume;
import org.qsfs.fs.offload.Volume;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Brings the published state of a volume to a machine that has none. */
public final class Restore {
    private static final Logger LOG = LoggerFactory.getLogger(Restore.class);
    private static final List<String> LOCAL_STATE = List.of("state", "zdb", "index", "cache");

    private final Config config;
    private final Home home;
    private final VolumeHome volumeHome;

    public Restore(Config config, Home home) {
        this.config = config;
        this.home = home;
        this.volumeHome = home.volume(config.volume());
    }

    /** @return what was restored, for the user */
    public String run(boolean takeOver) throws IOException, InterruptedException, CommandFailure {
        Optional<VolumeLock> lock = VolumeLock.acquire(volumeHome);
        if (lock.isEmpty()) {
            throw new CommandFailure("volume \"" + config.volume()
                    + "\" is mounted here, where there is nothing to restore, or another command uses it");
        }
        try (VolumeLock held = lock.get()) {
            LOG.debug("holding {}", held);
            if (Files.exists(volumeHome.directory().resolve("state"))) {
                throw new CommandFailure(volumeHome.directory() + " holds local state of volume \"" + config.volume()
                        + "\"; mount it, or drop what was not published: qsfs mount DIRECTORY --discard-local");
            }
            DaemonLog.toFile(volumeHome.daemonLog());
            if (hasLocalState(volumeHome)) {
                LOG.warn("what an interrupted restore left was moved to {}", setAside(volumeHome));
            }
            try (EmbeddedBackends backends = EmbeddedBackends.start(config, home)) {
                LOG.info("restoring volume {}, {} embedded backends run", config.volume(), backends.size());
                ServedVolume volume = ServedVolume.open(config, home, takeOver, false, Volume.Start.RESTORE);
                ObjectNode status = volume.status();
                volume.close(false, Duration.ZERO, Progress.NONE);
                StringBuilder warnings = new StringBuilder();
                status.path("warnings")
                        .forEach(warning -> warnings.append("warning: ")
                                .append(warning.asString())
                                .append('\n'));
                return warnings + "restored volume \"" + config.volume() + "\" as published "
                        + status.path("last_published").asString("never") + "; mount it with: qsfs mount DIRECTORY -d";
            }
        }
    }

    /** Whether a machine has anything of a volume that a restore would replace. */
    static boolean hasLocalState(VolumeHome volume) {
        return LOCAL_STATE.stream().map(volume.directory()::resolve).anyMatch(Files::exists);
    }

    /** Moves local state away, so that the published one can take its place; nothing is deleted. @return where to */
    static Path setAside(VolumeHome volume) throws IOException {
        Path aside = volume.directory().resolve("discarded-" + Instant.now().toEpochMilli());
        PrivateFiles.directory(aside);
        for (String name : LOCAL_STATE) {
            Path path = volume.directory().resolve(name);
            if (Files.exists(path)) {
                Files.move(path, aside.resolve(name));
            }
        }
        return aside;
    }

    /** Undoes {@link #setAside}; what a restore that failed brought here meanwhile goes to a directory of its own. */
    static void putBack(VolumeHome volume, Path aside) throws IOException {
        if (hasLocalState(volume)) {
            setAside(volume);
        }
        for (String name : LOCAL_STATE) {
            Path path = aside.resolve(name);
            if (Files.exists(path)) {
                Files.move(path, volume.directory().resolve(name));
            }
        }
        Files.delete(aside);
    }
}
