package org.qsfs.zdb.client;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What a server tells about a namespace (NSINFO).
 *
 * @param entries live keys
 * @param publicRead whether it can be read without the password
 * @param worm whether keys can be neither overwritten nor deleted
 * @param locked whether an administrator locked or froze it
 * @param passwordSet whether writing needs a password
 * @param dataBytes sum of live value lengths
 * @param limitBytes limit of {@code dataBytes}, 0 = none
 * @param dataDiskFreeBytes free bytes of the disk with the data files; {@link Long#MAX_VALUE} when the server does not say
 * @param indexDiskFreeBytes free bytes of the disk with the index files; {@link Long#MAX_VALUE} when the server does not say
 * @param ioErrors write errors since the server started
 * @param fields every line, also those above
 */
public record NamespaceInfo(
        String name,
        long entries,
        boolean publicRead,
        boolean worm,
        boolean locked,
        boolean passwordSet,
        NamespaceMode mode,
        long dataBytes,
        long limitBytes,
        long dataDiskFreeBytes,
        long indexDiskFreeBytes,
        long ioErrors,
        Map<String, String> fields) {

    /** Bytes that can still be written: the smaller of limit − used and the disk's free bytes. */
    public long freeBytes() {
        long byLimit = limitBytes == 0 ? Long.MAX_VALUE : Math.max(0, limitBytes - dataBytes);
        return Math.min(byLimit, dataDiskFreeBytes);
    }

    /**
     * The id that the next value of a sequential namespace gets at least; empty when the server does not say. The server shows the bytes of the number in reverse order, without leading
     * zeros.
     */
    public OptionalLong nextId() {
        String shown = fields.getOrDefault("next_internal_id", "");
        try {
            long id = Long.reverseBytes(Long.parseUnsignedLong(shown.replaceFirst("^0x", ""), 16));
            return id < 0 ? OptionalLong.empty() : OptionalLong.of(id);
        } catch (NumberFormatException notTold) {
            return OptionalLong.empty();
        }
    }

    /** @throws IllegalArgumentException naming the line that is missing or wrong */
    static NamespaceInfo parse(String text) {
        InfoText info = InfoText.parse(text);
        String mode = info.required("mode");
        NamespaceMode parsed;
        if (mode.equals(NamespaceMode.USER.shown())) {
            parsed = NamespaceMode.USER;
        } else if (mode.equals(NamespaceMode.SEQUENTIAL.shown())) {
            parsed = NamespaceMode.SEQUENTIAL;
        } else {
            throw new IllegalArgumentException("its line \"mode\" is \"" + mode + "\", expected userkey or sequential");
        }
        return new NamespaceInfo(
                info.required("name"),
                info.number("entries"),
                info.yes("public"),
                info.yes("worm"),
                info.yes("locked"),
                info.yes("password"),
                parsed,
                info.number("data_size_bytes"),
                info.number("data_limits_bytes"),
                info.number("data_disk_freespace_bytes", Long.MAX_VALUE),
                info.number("index_disk_freespace_bytes", Long.MAX_VALUE),
                info.number("stats_index_io_errors", 0) + info.number("stats_data_io_errors", 0),
                info.fields());
    }
}
