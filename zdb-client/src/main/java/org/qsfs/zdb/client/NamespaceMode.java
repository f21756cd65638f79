package org.qsfs.zdb.client;

/** Who chooses the keys of a namespace. */
public enum NamespaceMode {
    /** The client: 1 to 255 bytes. */
    USER("userkey", "user"),
    /** The server: ids 0, 1, 2 … as 8 bytes, little endian. */
    SEQUENTIAL("sequential", "seq");

    private final String shown;
    private final String property;

    NamespaceMode(String shown, String property) {
        this.shown = shown;
        this.property = property;
    }

    /** The word in NSINFO. */
    String shown() {
        return shown;
    }

    /** The word for {@code NSSET … mode}. */
    String property() {
        return property;
    }
}
