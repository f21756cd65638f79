package org.qsfs.zdb.client;

import java.util.Map;

/**
 * What a server tells about itself (INFO).
 *
 * @param acknowledgesAfterSync whether a SET is acknowledged only after it is on disk: our own server says so with the line
 *     {@code sync: always}; 0-db never does
 * @param fields every line
 */
public record ServerInfo(String serverName, boolean acknowledgesAfterSync, Map<String, String> fields) {

    /** @throws IllegalArgumentException naming the line that is missing */
    static ServerInfo parse(String text) {
        InfoText info = InfoText.parse(text);
        return new ServerInfo(
                info.required("server_name"), "always".equals(info.fields().get("sync")), info.fields());
    }
}
