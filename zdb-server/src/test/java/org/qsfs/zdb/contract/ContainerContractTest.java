package org.qsfs.zdb.contract;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.qsfs.zdb.conformance.RespClient;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;

/**
 * The contract with the public image of 0-db. The image is {@code -Dqsfs.it.zdb.image}, with its registry where that is not
 * Docker's own; {@code latest} of {@code threefoldtech/0-db} unless given.
 */
final class ContainerContractTest extends WireContract {
    private static final int PORT = 9900;
    private static final String IMAGE = System.getProperty("qsfs.it.zdb.image", "threefoldtech/0-db:latest");

    private static @Nullable GenericContainer<?> container;

    @BeforeAll
    static void startContainer() {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "no Docker engine answers; 0-db's image is not run");
        GenericContainer<?> started =
                new GenericContainer<>(IMAGE).withExposedPorts(PORT).withEnv(Map.of("ADMIN", "boss"));
        try {
            started.start();
        } catch (ContainerFetchException e) {
            abort("the image " + IMAGE + " cannot be had (-Dqsfs.it.zdb.image names another): " + e.getMessage());
        }
        container = started;
    }

    @AfterAll
    static void stopContainer() {
        if (container != null) {
            container.stop();
        }
    }

    @Override
    RespClient connect() throws IOException {
        GenericContainer<?> running = container;
        if (running == null) {
            throw new IOException("the container is not running");
        }
        return new RespClient(new InetSocketAddress(running.getHost(), running.getMappedPort(PORT)));
    }

    @Override
    String adminPassword() {
        return "boss";
    }

    @Override
    boolean isOriginal() {
        return true;
    }
}
