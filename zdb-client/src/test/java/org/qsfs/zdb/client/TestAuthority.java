package org.qsfs.zdb.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate that vouches for itself, made by the JDK's keytool: {@code cert.pem} is server's certificate and authority in one. */
record TestAuthority(Path certificate, Path key) {
    /** @param names what the certificate is for, as keytool wants it: {@code ip:127.0.0.1,dns:localhost} */
    static TestAuthority make(Path directory, String names)
            throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(directory);
        Path store = directory.resolve("store.p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        command.addAll(List.of("-dname", "CN=test", "-ext", "san=" + names, "-ext", "bc=ca:true"));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "password"));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(said).isZero();
        KeyStore opened = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        return new TestAuthority(
                Files.writeString(
                        directory.resolve("cert.pem"),
                        pem("CERTIFICATE", opened.getCertificate("server").getEncoded())),
                Files.writeString(
                        directory.resolve("key.pem"),
                        pem(
                                "PRIVATE KEY",
                                opened.getKey("server", "password".toCharArray())
                                        .getEncoded())));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(bytes), what);
    }
}
