package org.qsfs.cli.volume;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.qsfs.cli.home.PrivateFiles;

/** The name under which a machine holds a volume's lease: {@code HOST:RANDOM}, made once and kept in the volume's directory. */
final class Holder {
    private static final int LONGEST_HOST = 100;

    private Holder() {}

    static String of(Path directory) throws IOException {
        Path file = directory.resolve("holder");
        if (!Files.exists(file)) {
            byte[] random = new byte[8];
            new SecureRandom().nextBytes(random);
            PrivateFiles.write(file, host() + ":" + HexFormat.of().formatHex(random) + "\n");
        }
        return Files.readString(file).strip();
    }

    private static String host() {
        try {
            String name = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "-");
            return name.length() <= LONGEST_HOST ? name : name.substring(0, LONGEST_HOST);
        } catch (UnknownHostException e) {
            return "unnamed";
        }
    }
}
