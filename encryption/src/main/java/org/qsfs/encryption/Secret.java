package org.qsfs.encryption;

/** What a person or machine has to unlock a volume. {@link #close} wipes it. Thread-safe. */
public sealed interface Secret extends AutoCloseable permits Passphrase, KeyFile {
    @Override
    void close();
}
