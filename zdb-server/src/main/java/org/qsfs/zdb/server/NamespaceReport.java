package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.Statistics;
import org.qsfs.zdb.format.IndexFormat.Mode;

/** The text of NSINFO (ZDB.md §7): {@code key: value} lines that zdbfs and zstor look for. */
final class NamespaceReport {
    private final StringBuilder text = new StringBuilder();

    private NamespaceReport() {}

    static String of(Namespace n, boolean hasPassword, boolean admin) throws IOException {
        NamespaceReport r = new NamespaceReport();
        long limit = n.settings().maxSize();
        long dataBytes = n.dataBytes();
        r.text.append("# namespace\n");
        r.line("name", n.name());
        r.line("entries", n.entries());
        r.line("public", n.settings().isPublic());
        r.line("worm", n.settings().worm());
        r.line("locked", n.access() != Namespace.Access.OPEN);
        r.line("password", hasPassword);
        r.line("data_size_bytes", dataBytes);
        r.mega("data_size_mb", dataBytes);
        r.line("data_limits_bytes", limit);
        r.line("index_size_bytes", n.indexBytes());
        r.line("index_size_kb", String.format(Locale.ROOT, "%.2f", n.indexBytes() / 1024.0));
        // all 16 digits: zdbfs reads the first pairs as the low bytes
        r.line("next_internal_id", String.format(Locale.ROOT, "0x%016x", Long.reverseBytes(n.nextId())));
        r.line("mode", n.mode() == Mode.USER ? "userkey" : "sequential");
        r.errors("index", n.indexErrors());
        r.errors("data", n.dataErrors());
        if (limit > 0) {
            r.line("space_available", Math.max(0, limit - dataBytes));
        }
        r.space("index", n.indexDirectory());
        r.space("data", n.dataDirectory());
        if (admin) {
            r.line("data_path", n.dataDirectory());
            r.line("data_active", n.dataDirectory().resolve("d" + n.activeNumber()));
            r.line("index_path", n.indexDirectory());
            r.line("index_active", n.indexDirectory().resolve("i" + n.activeNumber()));
            r.line("data_current_id", n.activeNumber());
            r.line("data_current_offset", n.activeDataLength());
        }
        return r.text.toString();
    }

    private void line(String key, Object value) {
        text.append(key).append(": ").append(value).append('\n');
    }

    private void line(String key, boolean value) {
        line(key, value ? "yes" : "no");
    }

    private void mega(String key, long bytes) {
        line(key, String.format(Locale.ROOT, "%.2f", bytes / (1024.0 * 1024)));
    }

    private void errors(String kind, Statistics.Errors errors) {
        line("stats_" + kind + "_io_errors", errors.count.get());
        line("stats_" + kind + "_io_error_last", errors.last.get());
        line("stats_" + kind + "_faults", 0);
    }

    private void space(String kind, Path directory) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        line(kind + "_disk_freespace_bytes", free);
        mega(kind + "_disk_freespace_mb", free);
    }
}
