package org.qsfs.metadata;

/**
 * A key, its value and the revision of the commit that wrote it.
 *
 * @param value not copied; do not change it
 */
@SuppressWarnings("ArrayRecordComponent") // compared by revision, never by value
public record CatalogEntry(String key, byte[] value, long revision) {

    @Override
    public String toString() {
        return key + "@" + revision + " (" + value.length + " bytes)";
    }
}
