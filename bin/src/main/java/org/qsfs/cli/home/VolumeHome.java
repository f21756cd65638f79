package org.qsfs.cli.home;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The local directory of one volume; computes paths, creates nothing. */
public record VolumeHome(String name, Path directory) {
    /** sun_path holds 108 bytes with the final zero. */
    private static final int LONGEST_SOCKET_PATH = 107;

    public Path zdb() {
        return directory.resolve("zdb");
    }

    public Path index() {
        return directory.resolve("index");
    }

    public Path cache() {
        return directory.resolve("cache");
    }

    public Path lock() {
        return directory.resolve("lock");
    }

    public Path daemonRecord() {
        return directory.resolve("daemon");
    }

    public Path daemonLog() {
        return directory.resolve("daemon.log");
    }

    /** What a daemon wrote before its log was open. */
    public Path daemonOutput() {
        return directory.resolve("daemon.out");
    }

    /** The admin socket. A directory too deep for a socket address gets a socket in the temporary directory, named after a hash of it. */
    public Path socket() {
        Path beside = directory.resolve("qsfs.sock");
        if (beside.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET_PATH) {
            return beside;
        }
        return Path.of("/tmp").resolve("qsfs-" + Hash.of(directory.toString()) + ".sock");
    }
}
