package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.PrivateFiles;

/** The volume of a machine that has no configuration: four backends as processes of this machine, 2+2, a local catalog. */
public final class FirstVolume {
    private static final int BACKENDS = 4;

    private FirstVolume() {}

    /**
     * Writes {@code file} (0600: it holds the backends' passwords).
     *
     * @return what was made and what to think of, for the user
     */
    public static String create(Path file, Home home) throws IOException {
        List<Integer> ports = FreePorts.find(BACKENDS);
        StringBuilder text = new StringBuilder("""
                # Made by the first `qsfs mount`. Every key is described in docs/configuration.md.
                # All four backends are processes on this machine: this protects against nothing but their loss one by one.
                # For production list zdb servers of other machines under [[groups]], one group per site, take an etcd
                # cluster as catalog ([meta] type = "etcd"), and run `qsfs init --config FILE` with a new volume name.
                volume = "default"
                minimal_shards = 2
                expected_shards = 4
                redundant_groups = 0
                redundant_nodes = 2

                [meta]
                type = "local"

                [[groups]]
                name = "this-machine"
                """);
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < BACKENDS; i++) {
            byte[] password = new byte[16];
            random.nextBytes(password);
            text.append("""

                    [[groups.backends]]
                    id = "b%d"
                    address = "127.0.0.1:%d"
                    namespace = "qsfs"
                    password = "%s"
                    embedded = true
                    """.formatted(i + 1, ports.get(i), HexFormat.of().formatHex(password)));
        }
        PrivateFiles.write(file, text.toString());
        return """
                created volume "default"
                  configuration  %s
                  secret         %s   ← keep a copy elsewhere: without it the data cannot be read
                  local data     %s
                  backends       %s: 4 processes on this machine, any 2 of 4 shards restore a file
                One disk is no protection: it holds the data and all its copies. For production list remote zdbs under
                [[groups]] and an etcd catalog under [meta] in a configuration, then `qsfs init --config FILE`.""".formatted(
                        file, home.keyFile("default"), home.volume("default").directory(), home.backends("default"));
    }
}
