package org.qsfs.cli.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds loopback ports for servers that keep them. */
final class FreePorts {
    /** Below the range from which Linux takes ports for outgoing connections, so that none of those is in the way later. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 2_000;

    private FreePorts() {}

    /** @return different ports that nobody listens on now, chosen at random so that several installations rarely meet */
    static List<Integer> find(int count) throws IOException {
        SecureRandom random = new SecureRandom();
        Set<Integer> ports = new LinkedHashSet<>();
        for (int attempt = 0; attempt < ATTEMPTS && ports.size() < count; attempt++) {
            int port = FIRST + random.nextInt(LAST - FIRST);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IOException("found " + ports.size() + " free loopback ports between " + FIRST + " and " + LAST
                    + ", expected " + count);
        }
        return List.copyOf(ports);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
