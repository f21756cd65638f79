package org.qsfs.cli.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code QSFS_HOME}; computes paths, creates nothing. */
public record Home(Path root) {
    /** What the environment says: QSFS_HOME, else /var/lib/qsfs for root, else $XDG_DATA_HOME/qsfs (~/.local/share/qsfs). */
    public static Home of(Map<String, String> environment, String userName, Path userHome) {
        String named = environment.getOrDefault("QSFS_HOME", "");
        if (!named.isEmpty()) {
            return new Home(Path.of(named).toAbsolutePath().normalize());
        }
        if (userName.equals("root")) {
            return new Home(Path.of("/var/lib/qsfs"));
        }
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        // the XDG rules say that a relative path is to be ignored
        Path base = data.startsWith("/") ? Path.of(data) : userHome.resolve(".local/share");
        return new Home(base.resolve("qsfs").toAbsolutePath().normalize());
    }

    public static Home ofThisProcess() {
        return of(System.getenv(), System.getProperty("user.name", ""), Path.of(System.getProperty("user.home", "/")));
    }

    public Path config() {
        return root.resolve("qsfs.toml");
    }

    public Path keyFile(String volume) {
        return root.resolve("keys").resolve(volume + ".key");
    }

    public VolumeHome volume(String name) {
        return new VolumeHome(name, root.resolve("volumes").resolve(name));
    }

    /** Every volume that has a directory here. */
    public List<VolumeHome> volumes() throws IOException {
        Path directory = root.resolve("volumes");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.filter(Files::isDirectory)
                    .map(path -> new VolumeHome(path.getFileName().toString(), path))
                    .sorted(java.util.Comparator.comparing(VolumeHome::name))
                    .toList();
        }
    }

    /** The remote side of a volume that has none elsewhere: embedded backends and the local catalog. */
    public Path backends(String volume) {
        return root.resolve("backends").resolve(volume);
    }

    public Path localCatalog(String volume) {
        return backends(volume).resolve("catalog");
    }
}
