package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.Namespace;

/**
 * AUTH and SELECT. The secure form sends {@code hex(SHA1(challenge ":" password))}; a challenge is used up by the first
 * right answer, and for AUTH by the first wrong one, too.
 */
final class AccessCommands {
    private static final int LONGEST_ADMIN_PASSWORD = 128;
    private static final int LONGEST_NAMESPACE_PASSWORD = 255;
    private static final int HASH_HEX = 40;

    private final Database database;
    private final byte @Nullable [] adminPassword;
    private final boolean protect;
    private final SecureRandom random = new SecureRandom();

    AccessCommands(Database database, byte @Nullable [] adminPassword, boolean protect) {
        this.database = database;
        this.adminPassword = adminPassword;
        this.protect = protect;
    }

    void addTo(Map<String, Handler> table) {
        table.put("AUTH", this::auth);
        table.put("SELECT", this::select);
    }

    Session newSession() {
        return new Session(database.defaultNamespace(), !protect, adminPassword == null);
    }

    /** The password that a namespace has; empty = none. With {@code --protect}, the default one has the admin's. */
    byte[] passwordOf(Namespace namespace) {
        return protect && adminPassword != null && namespace.name().equals(Database.DEFAULT_NAMESPACE)
                ? adminPassword
                : namespace.settings().password();
    }

    private void auth(Call call) throws IOException {
        switch (call.count()) {
            case 2 -> authPlain(call);
            case 3 -> authSecure(call);
            default -> call.error("Unexpected arguments");
        }
    }

    private void authPlain(Call call) throws IOException {
        byte[] expected = adminPassword;
        if (expected == null) {
            call.error("Authentication disabled");
        } else if (call.request().length(1) == 0) {
            call.error("Invalid argument");
        } else if (call.request().length(1) > LONGEST_ADMIN_PASSWORD) {
            call.error("Password too long");
        } else if (MessageDigest.isEqual(expected, call.request().bytes(1))) {
            call.session().becomeAdmin();
            call.reply().ok();
        } else {
            call.error("Access denied");
        }
    }

    private void authSecure(Call call) throws IOException {
        Request request = call.request();
        byte[] expected = adminPassword;
        if (request.hasEmptyArgument()) {
            call.error("Invalid argument");
        } else if (!request.is(1, "SECURE")) {
            call.error("Only SECURE extra method supported");
        } else if (request.is(2, "CHALLENGE")) {
            byte[] nonce = new byte[8];
            random.nextBytes(nonce);
            String text = HexFormat.of().formatHex(nonce);
            call.session().nonce(text);
            call.reply().simple(text);
        } else if (expected == null) {
            call.error("Authentication disabled");
        } else {
            authSecure(call, expected);
        }
    }

    private static void authSecure(Call call, byte[] expected) throws IOException {
        boolean guess = call.request().length(2) == HASH_HEX;
        if (answersChallenge(call, 2, expected)) {
            call.session().becomeAdmin();
            call.reply().ok();
        } else if (guess) {
            // one guess per challenge; SELECT lets a client try again, which clients of 0-db may rely on
            call.session().nonce(null);
        }
    }

    /** Whether an argument is the right answer to the challenge; if not, the reply says why. */
    private static boolean answersChallenge(Call call, int argument, byte[] password) throws IOException {
        String nonce = call.session().nonce();
        if (nonce == null) {
            call.error("No CHALLENGE requested, secure authentication not available");
            return false;
        }
        if (call.request().length(argument) != HASH_HEX) {
            call.error("Invalid hash length");
            return false;
        }
        boolean right = MessageDigest.isEqual(
                hash(nonce, password).getBytes(StandardCharsets.US_ASCII),
                call.request().bytes(argument));
        if (right) {
            call.session().nonce(null);
        } else {
            call.error("Access denied");
        }
        return right;
    }

    private static String hash(String nonce, byte[] password) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update((nonce + ":").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sha1.digest(password));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    private void select(Call call) throws IOException {
        Request request = call.request();
        if (call.count() < 2) {
            call.error("Invalid argument");
            return;
        }
        if (request.length(1) > Database.LONGEST_NAME) {
            call.error("Namespace too long");
            return;
        }
        Namespace namespace = database.namespace(NamespaceCommands.name(request, 1));
        if (namespace == null) {
            call.error("Namespace not found");
            return;
        }
        byte[] password = passwordOf(namespace);
        if (password.length == 0) {
            select(call, namespace, true);
        } else if (call.count() == 2) {
            if (namespace.settings().isPublic()) {
                select(call, namespace, false);
            } else {
                call.error("Namespace protected and private");
            }
        } else if (isRight(call, password)) {
            select(call, namespace, true);
        }
    }

    private static boolean isRight(Call call, byte[] password) throws IOException {
        Request request = call.request();
        if (call.count() > 4) {
            call.error("Too many arguments");
            return false;
        }
        if (call.count() == 4) {
            if (!request.is(2, "SECURE")) {
                call.error("Only SECURE extra method supported");
                return false;
            }
            return answersChallenge(call, 3, password);
        }
        if (request.length(2) > LONGEST_NAMESPACE_PASSWORD) {
            call.error("Password too long");
            return false;
        }
        if (!MessageDigest.isEqual(password, request.bytes(2))) {
            call.error("Access denied");
            return false;
        }
        return true;
    }

    private static void select(Call call, Namespace namespace, boolean writable) throws IOException {
        call.session().select(namespace, writable);
        call.reply().ok();
    }
}
