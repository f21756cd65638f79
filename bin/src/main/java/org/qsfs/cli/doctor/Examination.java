package org.qsfs.cli.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.ConfigException;
import org.qsfs.cli.config.ConfigFile;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.zdb.client.ZdbAddress;

/** All looks at one machine. */
public final class Examination {
    private static final long LITTLE_SPACE = 2L << 30;
    private static final int CONNECT_MILLISECONDS = 2_000;

    private final Home home;
    private final Path configFile;

    public Examination(Home home, Path configFile) {
        this.home = home;
        this.configFile = configFile;
    }

    public List<Diagnosis> run() {
        List<Diagnosis> all = new ArrayList<>();
        all.add(java());
        all.add(device());
        all.add(fusermount());
        all.add(library());
        all.add(space());
        all.addAll(config());
        return all;
    }

    private static Diagnosis java() {
        int feature = Runtime.version().feature();
        return feature >= 25
                ? Diagnosis.good("java", Runtime.version() + " at " + System.getProperty("java.home"))
                : Diagnosis.bad(
                        "java", "found " + feature + ", expected 25 or newer", "set QSFS_JAVA_HOME to a JDK 25");
    }

    private static Diagnosis device() {
        Path device = Path.of("/dev/fuse");
        if (!Files.exists(device)) {
            return Diagnosis.bad(
                    "/dev/fuse",
                    "does not exist",
                    "as root run: modprobe fuse; in a container start it with --device /dev/fuse");
        }
        return Files.isReadable(device) && Files.isWritable(device)
                ? Diagnosis.good("/dev/fuse", "can be opened")
                : Diagnosis.bad(
                        "/dev/fuse", "is not readable and writable for you", "as root run: chmod 666 /dev/fuse");
    }

    private static Diagnosis fusermount() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        return Stream.of(path.split(":", -1))
                .flatMap(directory -> Stream.of("fusermount3", "fusermount").map(Path.of(directory)::resolve))
                .filter(Files::isExecutable)
                .findFirst()
                .map(found -> Diagnosis.good("fusermount", found.toString()))
                .orElse(Diagnosis.bad(
                        "fusermount", "not found in PATH", "install fuse3, for instance: apt-get install fuse3"));
    }

    private static Diagnosis library() {
        for (String directory : List.of(
                "/lib/x86_64-linux-gnu",
                "/usr/lib/x86_64-linux-gnu",
                "/lib/aarch64-linux-gnu",
                "/usr/lib/aarch64-linux-gnu",
                "/usr/lib64",
                "/lib64",
                "/usr/lib",
                "/lib")) {
            Path library = Path.of(directory, "libfuse.so.2");
            if (Files.exists(library)) {
                return Diagnosis.good("libfuse 2", library.toString());
            }
        }
        return Diagnosis.warning(
                "libfuse 2",
                "libfuse.so.2 not found; only the kernel binding works (--fuse kernel)",
                "install libfuse2, for instance: apt-get install libfuse2");
    }

    private Diagnosis space() {
        Path existing = home.root();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            String finding = Quantity.humanSize(free) + " free at " + existing;
            return free >= LITTLE_SPACE
                    ? Diagnosis.good("disk space", finding)
                    : Diagnosis.warning("disk space", finding, "free some, or put QSFS_HOME on a larger disk");
        } catch (IOException e) {
            return Diagnosis.bad("disk space", "cannot look at " + existing + ": " + e.getMessage(), "");
        }
    }

    private List<Diagnosis> config() {
        if (!Files.exists(configFile)) {
            return List.of(
                    Diagnosis.good("configuration", configFile + " does not exist; the first `qsfs mount` makes one"));
        }
        List<Diagnosis> found = new ArrayList<>();
        try {
            Config config = ConfigFile.read(configFile, home);
            found.add(Diagnosis.good("configuration", configFile + " is valid"));
            if (PrivateFiles.othersMayRead(configFile)
                    && config.backends().stream()
                            .anyMatch(backend -> backend.password().isPresent())) {
                found.add(Diagnosis.warning(
                        "configuration", "others may read its passwords", "run: chmod 600 " + configFile));
            }
            if (config.key() instanceof Config.Key.File(var key) && !Files.exists(key)) {
                found.add(Diagnosis.bad(
                        "key file",
                        key + " does not exist",
                        "restore it from your copy; without it nothing can be read"));
            }
            for (Config.Backend backend : config.backends()) {
                found.add(reach(backend));
            }
        } catch (IOException | ConfigException e) {
            found.add(Diagnosis.bad("configuration", String.valueOf(e.getMessage()), "correct the file"));
        }
        return found;
    }

    private static Diagnosis reach(Config.Backend backend) {
        String subject = "backend " + backend.id();
        ZdbAddress address = backend.address();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLISECONDS);
            return Diagnosis.good(subject, address + " accepts connections");
        } catch (IOException e) {
            return backend.embedded()
                    ? Diagnosis.good(subject, address + " does not run; the next mount starts it")
                    : Diagnosis.warning(
                            subject,
                            address + " cannot be reached: " + e.getMessage(),
                            "start it, or correct its address");
        }
    }
}
