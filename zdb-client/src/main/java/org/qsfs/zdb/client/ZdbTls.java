package org.qsfs.zdb.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server is talked to with TLS, and must show a certificate for its host name or address.
 *
 * @param caFile PEM of the authorities that are trusted; null = those of the JDK
 */
public record ZdbTls(@Nullable Path caFile) {
    SSLSocketFactory sockets() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(caFile == null ? null : authorities(caFile));
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up" + (caFile == null ? "" : " with " + caFile) + ": " + e, e);
        }
    }

    private static KeyStore authorities(Path file) throws IOException, GeneralSecurityException {
        byte[] pem;
        try {
            pem = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("the file of trusted authorities " + file + " does not exist", e);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (Certificate found :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            store.setCertificateEntry("authority " + store.size(), found);
        }
        if (store.size() == 0) {
            throw new IOException(file + " holds no certificate; expected PEM of the authorities that are trusted");
        }
        return store;
    }
}
