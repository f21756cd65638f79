package org.qsfs.zdb.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Gets a fresh connection to where it may be used: into its namespace, or to administrator's rights. Passwords go over the
 * wire only as {@code hex(SHA1(nonce ":" password))}, except to a server that gives no challenge.
 */
final class Handshake {

    private static final byte[] SECURE = ascii("SECURE");
    private static final byte[] CHALLENGE = ascii("CHALLENGE");

    private final ZdbEndpoint endpoint;
    private final Wire wire;

    Handshake(ZdbEndpoint endpoint, Wire wire) {
        this.endpoint = endpoint;
        this.wire = wire;
    }

    void select() {
        byte[] namespace = endpoint.namespace().getBytes(StandardCharsets.UTF_8);
        String password = endpoint.password();
        if (password == null) {
            confirm("SELECT", wire.call(Command.SELECT, namespace));
            return;
        }
        String nonce = challenge();
        confirm(
                "SELECT",
                nonce.isEmpty()
                        ? wire.call(Command.SELECT, namespace, password.getBytes(StandardCharsets.UTF_8))
                        : wire.call(Command.SELECT, namespace, SECURE, answer(nonce, password)));
    }

    void becomeAdmin() {
        String password = endpoint.adminPassword();
        if (password == null) {
            return; // a server without admin password makes everybody admin; others will say so
        }
        String nonce = challenge();
        confirm(
                "AUTH",
                nonce.isEmpty()
                        ? wire.call(Command.AUTH, password.getBytes(StandardCharsets.UTF_8))
                        : wire.call(Command.AUTH, SECURE, answer(nonce, password)));
    }

    /** The server's nonce, empty when it knows no challenge. */
    private String challenge() {
        return switch (wire.call(Command.AUTH, SECURE, CHALLENGE)) {
            case Reply.Simple(String nonce) when nonce.length() >= 16 -> nonce;
            case Reply.Failure f -> "";
            case Reply other ->
                throw new ZdbException.Protocol(
                        endpoint + ": AUTH SECURE CHALLENGE was answered with " + other.shown() + ", expected a nonce");
        };
    }

    private void confirm(String command, Reply reply) {
        switch (reply) {
            case Reply.Simple(String text) when text.equals("OK") -> {}
            case Reply.Failure(String text) -> throw Refusal.of(endpoint + ": " + command, text);
            case Reply other ->
                throw new ZdbException.Protocol(
                        endpoint + ": " + command + " was answered with " + other.shown() + ", expected OK");
        }
    }

    private static byte[] answer(String nonce, String password) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest = sha1.digest((nonce + ":" + password).getBytes(StandardCharsets.UTF_8));
            return ascii(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
