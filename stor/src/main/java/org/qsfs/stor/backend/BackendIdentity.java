package org.qsfs.stor.backend;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.zdb.client.NamespaceInfo;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbClient;

/**
 * Finds out whether a namespace is the one that the configuration means, by its {@link BackendMarker}, and marks one that is not marked yet. In a sequential namespace the marker stands on the
 * {@link FrontPage}. For the backend's monitor.
 */
final class BackendIdentity {
    private final Backend backend;
    private final BackendMarker expected;

    BackendIdentity(Backend backend, VolumeId volume) {
        this.backend = backend;
        this.expected = new BackendMarker(volume, backend.id());
    }

    /**
     * Looks.
     *
     * @param claim whether to mark it when it is not marked
     * @return where values lie in it
     * @throws StorException.WrongBackend when it is another one
     * @throws StorException when that cannot be told
     */
    KeyScheme of(NamespaceInfo namespace, boolean claim) throws StorException {
        return namespace.mode() == NamespaceMode.SEQUENTIAL ? sequential(namespace, claim) : user(claim);
    }

    private KeyScheme user(boolean claim) throws StorException {
        ZdbClient client = backend.probes();
        Optional<byte[]> found = client.get(BackendMarker.key());
        if (found.isPresent()) {
            require(found.get());
        } else if (claim) {
            refuseFormerlySequential(client);
            backend.hadNoMarker();
            client.set(BackendMarker.key(), expected.encode());
        }
        return new UserKeys();
    }

    /** A 0-db that is restarted without its mode may take a sequential namespace for one in user mode. */
    private void refuseFormerlySequential(ZdbClient client) throws StorException {
        if (client.get(SequentialKey.of(0)).filter(FrontPage::startsLikeOne).isPresent()) {
            throw new StorException.WrongBackend(
                    "backend " + backend.id() + " at " + client.endpoint()
                            + " was a sequential namespace and says now that it is in user mode; start its server with the mode that it had");
        }
    }

    private KeyScheme sequential(NamespaceInfo namespace, boolean claim) throws StorException {
        ZdbClient client = backend.probes();
        Optional<FrontPage.Found> found = FrontPage.find(client);
        if (found.isEmpty()) {
            if (!claim) {
                throw new StorException.Damaged(
                        "backend " + backend.id() + " at " + client.endpoint() + " is not set up yet");
            }
            if (namespace.entries() > 0) {
                throw new StorException.Damaged("backend " + backend.id() + " at " + client.endpoint()
                        + " says that it has " + namespace.entries() + " values, and tells none");
            }
            backend.hadNoMarker();
            found = Optional.of(begin(client));
        }
        Optional<byte[]> marker = found.get().page().value(BackendMarker.key());
        if (marker.isEmpty()) {
            throw new StorException.Damaged("the first value of " + client.endpoint() + " has no marker");
        }
        require(marker.get());
        return new SequentialKeys(found.get(), client.info().nextId().orElse(0));
    }

    /** Puts the front page into an empty namespace. */
    private FrontPage.Found begin(ZdbClient client) throws StorException {
        long incarnation = new SecureRandom().nextLong();
        FrontPage page = new FrontPage(incarnation | 1, new TreeMap<>()).with(BackendMarker.key(), expected.encode());
        byte[] key = SequentialKey.of(client.append(page.encode()));
        FrontPage.Found first = FrontPage.find(client)
                .orElseThrow(() -> new StorException.Damaged(client.endpoint() + " took a value and has none"));
        if (!Arrays.equals(SequentialKey.of(first.id()), key)) {
            client.delete(key); // another process was first
        }
        return first;
    }

    private void require(byte[] marker) throws StorException {
        BackendMarker found = BackendMarker.decode(marker);
        if (!found.equals(expected)) {
            throw new StorException.WrongBackend("backend " + backend.id() + " at "
                    + backend.config().endpoint() + " says that it is backend " + found.backend() + " of volume "
                    + found.volume() + ", expected backend " + expected.backend() + " of volume " + expected.volume()
                    + "; correct its address in the configuration, or give it an empty namespace");
        }
    }
}
