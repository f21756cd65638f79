package org.qsfs.zdb.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Some entries, and the cursor of the last of them: opaque bytes to go on with. */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record ScanPage(byte[] cursor, List<ScanEntry> entries) {

    /** Before the first entry, and, as an answer, after the last. */
    static final ScanPage START = new ScanPage(new byte[0], List.of());

    boolean isEnd() {
        return cursor.length == 0;
    }

    /** Empty when the reply is no page. */
    static Optional<ScanPage> parse(Reply reply) {
        if (reply instanceof Reply.Elements(List<Reply> parts)
                && parts.size() == 2
                && parts.get(0) instanceof Reply.Bulk(byte @Nullable [] cursor)
                && cursor != null
                && cursor.length > 0
                && parts.get(1) instanceof Reply.Elements(List<Reply> rows)
                && !rows.isEmpty()) {
            List<ScanEntry> entries = new ArrayList<>(rows.size());
            for (Reply row : rows) {
                if (row instanceof Reply.Elements(List<Reply> columns)
                        && columns.size() == 3
                        && columns.get(0) instanceof Reply.Bulk(byte @Nullable [] key)
                        && key != null
                        && columns.get(1) instanceof Reply.Int(long length)
                        && columns.get(2) instanceof Reply.Int(long timestamp)) {
                    entries.add(new ScanEntry(key, length, timestamp));
                } else {
                    return Optional.empty();
                }
            }
            return Optional.of(new ScanPage(cursor, entries));
        }
        return Optional.empty();
    }
}
