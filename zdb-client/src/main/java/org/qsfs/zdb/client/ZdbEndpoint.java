package org.qsfs.zdb.client;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One namespace of one server, and what is needed to get in.
 *
 * @param namespace 1 to 128 bytes; a new server has one called {@code default}
 * @param password of the namespace; without it a public namespace is read-only and a private one refuses
 * @param adminPassword of the server, used only by the calls that create and delete namespaces
 * @param tls null = plain TCP
 */
public record ZdbEndpoint(
        ZdbAddress address,
        String namespace,
        @Nullable String password,
        @Nullable String adminPassword,
        @Nullable ZdbTls tls) {

    public ZdbEndpoint {
        int length = namespace.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > 128) {
            throw new IllegalArgumentException(
                    "namespace name of " + address + " has " + length + " bytes, expected 1..128");
        }
    }

    /** Plain TCP. */
    public ZdbEndpoint(
            ZdbAddress address, String namespace, @Nullable String password, @Nullable String adminPassword) {
        this(address, namespace, password, adminPassword, null);
    }

    /** Plain TCP, no passwords. */
    public ZdbEndpoint(ZdbAddress address, String namespace) {
        this(address, namespace, null, null, null);
    }

    /** Address and namespace. Passwords never appear. */
    @Override
    public String toString() {
        return address + "/" + namespace;
    }
}
