package org.qsfs.cli.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which process has a volume open, written to {@code daemon} while it runs. Whether it still lives is known by the volume's lock only.
 *
 * <p>Four lines: pid, mountpoint, admin socket, binding. Paths with line breaks are refused where mountpoints are read.
 */
public record DaemonRecord(long pid, Path mountpoint, Path socket, String binding) {
    public void write(VolumeHome volume) throws IOException {
        PrivateFiles.write(
                volume.daemonRecord(),
                String.join("\n", Long.toString(pid), mountpoint.toString(), socket.toString(), binding, ""));
    }

    /** @return empty when there is none or it is damaged: it only serves messages and finding sockets */
    public static Optional<DaemonRecord> read(VolumeHome volume) throws IOException {
        try {
            List<String> lines = Files.readAllLines(volume.daemonRecord());
            if (lines.size() != 4) {
                return Optional.empty();
            }
            return Optional.of(new DaemonRecord(
                    Long.parseLong(lines.get(0)), Path.of(lines.get(1)), Path.of(lines.get(2)), lines.get(3)));
        } catch (NoSuchFileException | NumberFormatException absent) {
            return Optional.empty();
        }
    }

    /** The record of a daemon whose process lives. */
    static Optional<DaemonRecord> living(VolumeHome volume) throws IOException {
        return read(volume).filter(record -> ProcessHandle.of(record.pid()).isPresent());
    }

    public static void remove(VolumeHome volume) throws IOException {
        Files.deleteIfExists(volume.daemonRecord());
    }

    /** The volumes of a home that a living process has open. */
    public static List<Running> running(Home home) throws IOException {
        List<Running> running = new ArrayList<>();
        for (VolumeHome volume : home.volumes()) {
            living(volume).ifPresent(record -> running.add(new Running(volume, record)));
        }
        return running;
    }

    /** A volume and the process that has it open. */
    public record Running(VolumeHome volume, DaemonRecord daemon) {}
}
