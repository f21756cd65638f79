package org.qsfs.zdb.server;

import java.util.Locale;
import org.qsfs.zdb.engine.Statistics;

/** The text of INFO (ZDB.md §7). */
final class ServerReport {
    private static final String REVISION = "qsfs-0.1";

    private final ServerStatistics server;
    private final Statistics engine;
    private final int instanceId;
    private final boolean sayDurable;

    /** @param sayDurable whether a line says that writes are acknowledged when they are durable, which 0-db's text does not have */
    ServerReport(ServerStatistics server, Statistics engine, int instanceId, boolean sayDurable) {
        this.server = server;
        this.engine = engine;
        this.instanceId = instanceId;
        this.sayDurable = sayDurable;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("# server\n");
        line(text, "server_name", "0-db (zdb)");
        line(text, "server_revision", REVISION);
        line(text, "engine_revision", REVISION);
        line(text, "instance_id", instanceId);
        line(text, "boot_time", server.startMillis / 1000);
        line(text, "uptime", (System.currentTimeMillis() - server.startMillis) / 1000);
        if (sayDurable) {
            line(text, "sync", "always");
        }
        text.append("\n# clients\n");
        line(text, "clients_lifetime", server.clients.sum());
        text.append("\n# internals\n");
        line(text, "sequential_key_size", 8);
        line(text, "data_version", 3);
        line(text, "index_version", 4);
        text.append("\n# stats\n");
        line(text, "commands_executed", server.executed.sum());
        line(text, "commands_failed", server.failed.sum());
        line(text, "commands_unauthorized", server.unauthorized.sum());
        line(text, "index_disk_read_failed", engine.index.readFailed.sum());
        line(text, "index_disk_write_failed", engine.index.writeFailed.sum());
        line(text, "data_disk_read_failed", engine.data.readFailed.sum());
        line(text, "data_disk_write_failed", engine.data.writeFailed.sum());
        bytes(text, "index_disk_read", engine.index.readBytes.sum());
        bytes(text, "index_disk_write", engine.index.writtenBytes.sum());
        bytes(text, "data_disk_read", engine.data.readBytes.sum());
        bytes(text, "data_disk_write", engine.data.writtenBytes.sum());
        bytes(text, "network_rx", server.receivedBytes.sum());
        bytes(text, "network_tx", server.sentBytes.sum());
        return text.toString();
    }

    private static void line(StringBuilder text, String key, Object value) {
        text.append(key).append(": ").append(value).append('\n');
    }

    private static void bytes(StringBuilder text, String key, long bytes) {
        line(text, key + "_bytes", bytes);
        line(text, key + "_mb", String.format(Locale.ROOT, "%.2f", bytes / (1024.0 * 1024)));
    }
}
