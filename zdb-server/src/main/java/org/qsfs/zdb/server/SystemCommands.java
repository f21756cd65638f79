package org.qsfs.zdb.server;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.ValueUnreadableException;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;

/** PING, TIME, INFO, WAIT and what replication and backup programs use: INDEX, DATA, HOOKS. */
final class SystemCommands {
    private static final long DEFAULT_WAIT_MILLIS = 5000;
    private static final long SHORTEST_WAIT_MILLIS = 100;
    private static final long LONGEST_WAIT_MILLIS = 1_800_000;
    private static final int LONGEST_WORD = 256;
    private static final int LONGEST_TIMEOUT_TEXT = 16;

    private final ServerReport report;
    private final ChunkPool pool;
    private final Hooks hooks;
    private final Waiters waiters;

    SystemCommands(ServerReport report, ChunkPool pool, Hooks hooks, Waiters waiters) {
        this.report = report;
        this.pool = pool;
        this.hooks = hooks;
        this.waiters = waiters;
    }

    void addTo(Map<String, Handler> table) {
        table.put("PING", c -> c.reply().simple("PONG"));
        table.put("TIME", SystemCommands::time);
        table.put("INFO", c -> c.reply().bulk(report.text()));
        table.put("WAIT", c -> await(c, table));
        table.put("INDEX", SystemCommands::index);
        table.put("DATA", this::data);
        table.put("HOOKS", this::hooks);
        table.put("STOP", c -> c.error("Unauthorized"));
        table.put("KSCAN", c -> c.error("Command disabled in release code, not yet available"));
        table.put("*", c -> c.error("This is not a valid command"));
        // they depend on uninitialised memory in 0-db and are not offered
        table.put("MIRROR", SystemCommands::notOffered);
        table.put("MASTER", SystemCommands::notOffered);
    }

    private static void notOffered(Call call) throws IOException {
        if (call.isAdmin()) {
            call.error("Command not supported");
        }
    }

    private static void time(Call call) throws IOException {
        Instant now = Instant.now();
        call.reply().array(2);
        call.reply().bulk(Long.toString(now.getEpochSecond()));
        call.reply().bulk(Integer.toString(now.getNano() / 1000));
    }

    private void await(Call call, Map<String, Handler> table) throws IOException {
        if (call.count() != 2 && call.count() != 3) {
            call.error("Invalid arguments");
            return;
        }
        Request request = call.request();
        if (request.hasEmptyArgument()) {
            call.error("Invalid arguments");
            return;
        }
        String command = request.length(1) > LONGEST_WORD ? "" : Commands.canonical(request.text(1));
        if (!table.containsKey(command)) {
            call.error("Unknown command to watch");
            return;
        }
        long millis = DEFAULT_WAIT_MILLIS;
        if (call.count() == 3) {
            millis = request.length(2) > LONGEST_TIMEOUT_TEXT ? -1 : request.number(2);
            if (millis < SHORTEST_WAIT_MILLIS || millis > LONGEST_WAIT_MILLIS) {
                call.error("Invalid timeout");
                return;
            }
        }
        waiters.add(call.connection(), call.session(), command, Duration.ofMillis(millis));
    }

    private static void index(Call call) throws IOException {
        if (!call.isAdmin()) {
            return;
        }
        Request request = call.request();
        if (call.count() < 2) {
            call.error("Missing arguments");
        } else if (request.hasEmptyArgument()) {
            call.error("Invalid argument");
        } else if (request.length(1) > LONGEST_WORD || (call.count() > 2 && request.length(2) > LONGEST_WORD)) {
            call.error("Argument too long");
        } else if (!request.is(1, "DIRTY")) {
            call.error("Unknown INDEX subcommand");
        } else if (call.count() == 3) {
            if (request.is(2, "RESET")) {
                call.namespace().resetDirty(call.namespace().dirty());
                call.reply().ok();
            } else {
                call.error("Unknown INDEX DIRTY subcommand");
            }
        } else {
            SortedSet<Integer> dirty = call.namespace().dirty();
            call.reply().array(dirty.size());
            for (int number : dirty) {
                call.reply().integer(number);
            }
        }
    }

    private void data(Call call) throws IOException {
        if (!call.isAdmin()) {
            return;
        }
        Request request = call.request();
        if (call.count() < 2) {
            call.error("Missing arguments");
        } else if (request.hasEmptyArgument()) {
            call.error("Invalid argument");
        } else if (!request.is(1, "RAW")) {
            call.error("Unknown DATA subcommand");
        } else if (call.count() < 4) {
            call.error("Missing arguments");
        } else {
            try {
                raw(call, (int) number(request, 2), number(request, 3));
            } catch (NoSuchFileException | ValueUnreadableException e) {
                call.error("Invalid Request");
            } catch (EOFException e) {
                call.error("Unexpected Internal Error");
            }
        }
    }

    private static long number(Request request, int argument) {
        return request.length(argument) > 32 ? 0 : request.number(argument);
    }

    private void raw(Call call, int file, long offset) throws IOException {
        Namespace namespace = call.namespace();
        long length = namespace.rawLength(file);
        if (offset >= length) {
            call.error("EOF");
            return;
        }
        if (offset < 0) {
            call.error("Unexpected Internal Error");
            return;
        }
        EntryHeader header = namespace.rawHeader(file, offset);
        if (header.keyLength() == 0
                || header.valueLength() > DataFormat.MAX_VALUE_BYTES
                || header.entryBytes() > length - offset) {
            call.error("Unexpected Internal Error");
            return;
        }
        byte[] key = new byte[header.keyLength()];
        namespace.rawRead(file, offset + DataFormat.ENTRY_HEADER_BYTES, ByteBuffer.wrap(key));
        try (ValueBuffers buffers = new ValueBuffers(pool)) {
            ByteBuffer[] value = buffers.of((int) header.valueLength());
            long at = offset + DataFormat.ENTRY_HEADER_BYTES + key.length;
            for (ByteBuffer part : value) {
                int start = part.position();
                namespace.rawRead(file, at, part);
                part.position(start);
                at += part.remaining();
            }
            ReplyWriter reply = call.reply();
            reply.array(6);
            reply.bulk(key);
            reply.integer(Integer.toUnsignedLong(header.previous()));
            reply.bulk("0x%08x".formatted(header.crc()));
            reply.integer(header.flags());
            reply.integer(Integer.toUnsignedLong(header.timestamp()));
            if (header.deleted()) {
                reply.nil();
            } else {
                reply.bulk(value);
            }
        }
    }

    private void hooks(Call call) throws IOException {
        if (!call.isAdmin()) {
            return;
        }
        List<Hooks.Run> runs = hooks.recent();
        ReplyWriter reply = call.reply();
        reply.array(runs.size());
        for (Hooks.Run run : runs) {
            reply.array(6);
            reply.bulk(run.name());
            reply.array(run.arguments().size());
            for (String argument : run.arguments()) {
                reply.bulk(argument.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            reply.integer(run.pid());
            reply.integer(run.started());
            reply.integer(run.ended());
            reply.integer(run.status());
        }
    }
}
