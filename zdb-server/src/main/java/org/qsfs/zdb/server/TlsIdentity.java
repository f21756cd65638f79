package org.qsfs.zdb.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.qsfs.zdb.ZdbServerConfig.TlsFiles;

/** What a server shows to clients that connect with TLS: a certificate with its chain, and the key to it, from PEM files. */
final class TlsIdentity {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final String[] ALGORITHMS = {"RSA", "EC", "EdDSA"};

    private final SSLContext context;

    private TlsIdentity(SSLContext context) {
        this.context = context;
    }

    /** Reads the files; the message of the error names the one that is wrong. */
    static TlsIdentity read(TlsFiles files) throws IOException {
        Certificate[] chain = chain(files.certificate());
        PrivateKey key = key(files.key());
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return new TlsIdentity(context);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s and %s cannot be used together: %s".formatted(files.certificate(), files.key(), e.getMessage()),
                    e);
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        }
    }

    private static Certificate[] chain(Path file) throws IOException {
        try {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes(file)));
            if (!found.isEmpty()) {
                return found.toArray(new Certificate[0]);
            }
            throw new IOException(file + " holds no certificate; expected PEM, the server's own first");
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificate that can be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        Matcher pem = KEY.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException(file + " holds no \"BEGIN PRIVATE KEY\"; expected an unencrypted PKCS#8 key, which"
                    + " `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` makes of others");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        GeneralSecurityException failure = new InvalidKeySpecException("unknown algorithm");
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                failure = e;
            }
        }
        throw new IOException(file + " holds no RSA, EC or Ed25519 key that can be read", failure);
    }

    /** The server's side of TLS on a connected socket; nothing was sent or received yet. */
    SSLSocket wrap(Socket socket) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
        tls.setUseClientMode(false);
        return tls;
    }
}
