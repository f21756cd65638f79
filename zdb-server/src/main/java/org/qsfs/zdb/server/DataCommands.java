package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Cursor;
import org.qsfs.zdb.engine.HistoryOutcome;
import org.qsfs.zdb.engine.HistoryOutcome.Place;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.ScanPage;
import org.qsfs.zdb.engine.ValueUnreadableException;
import org.qsfs.zdb.engine.Version;
import org.qsfs.zdb.engine.WriteFailedException;
import org.qsfs.zdb.engine.WriteOutcome;
import org.qsfs.zdb.format.DataFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands that read and write keys. Checks and their order are those of ZDB.md §5. */
final class DataCommands {
    private static final Logger LOG = LoggerFactory.getLogger(DataCommands.class);

    private final ChunkPool pool;
    private final ValueCache cache;

    DataCommands(ChunkPool pool, ValueCache cache) {
        this.pool = pool;
        this.cache = cache;
    }

    void addTo(Map<String, Handler> table) {
        table.put("SET", this::set);
        table.put("SETX", this::set);
        table.put("GET", this::get);
        table.put("MGET", this::mget);
        table.put("DEL", this::del);
        table.put("EXISTS", c -> lookup(c, true, v -> c.reply().integer(v == null ? 0 : 1)));
        table.put("CHECK", this::check);
        table.put("LENGTH", c -> lookup(c, true, v -> integerOrNil(c, v == null ? null : v.length())));
        table.put("KEYTIME", c -> lookup(c, true, v -> integerOrNil(c, v == null ? null : v.timestamp())));
        table.put("KEYCUR", this::keycur);
        table.put("HISTORY", this::history);
        table.put("SCAN", c -> scan(c, false));
        table.put("SCANX", c -> scan(c, false));
        table.put("RSCAN", c -> scan(c, true));
        table.put("DBSIZE", c -> c.reply().integer(c.namespace().entries()));
    }

    private static int now() {
        return (int) (System.currentTimeMillis() / 1000);
    }

    private void set(Call call) throws IOException {
        Request request = call.request();
        if (call.count() == 4) {
            if (!call.isAdmin()) {
                return;
            }
        } else if (call.count() != 3) {
            call.error("Unexpected arguments");
            return;
        }
        if (request.length(1) > DataFormat.MAX_KEY_BYTES) {
            call.error("Key too large");
            return;
        }
        if (!isWritable(call)) {
            return;
        }
        int timestamp = call.count() == 4 ? (int) shortNumber(request, 3) : now();
        WriteOutcome outcome;
        try {
            outcome = call.namespace().set(request.bytes(1), timestamp, request.checksum(2), request.value(2));
        } catch (WriteFailedException e) {
            LOG.warn("SET in namespace {} failed: {}", call.namespace().name(), e.getMessage());
            call.error(
                    e.part() == WriteFailedException.Part.DATA
                            ? "Cannot write data right now"
                            : "Cannot write index right now");
            return;
        }
        answer(call, outcome, true);
    }

    private static long shortNumber(Request request, int argument) {
        return request.length(argument) > 64 ? 0 : request.number(argument);
    }

    private static boolean isWritable(Call call) throws IOException {
        if (!call.session().writable()) {
            call.error("Namespace is in read-only mode");
            return false;
        }
        return true;
    }

    private void del(Call call) throws IOException {
        Request request = call.request();
        if (call.count() == 3) {
            if (!call.isAdmin()) {
                return;
            }
        } else if (!call.has(2)) {
            return;
        }
        if (request.length(1) > DataFormat.MAX_KEY_BYTES) {
            call.error("Invalid key");
            return;
        }
        if (!isWritable(call)) {
            return;
        }
        int timestamp = call.count() == 3 ? (int) shortNumber(request, 2) : now();
        WriteOutcome outcome;
        try {
            outcome = call.namespace().delete(request.bytes(1), timestamp);
        } catch (WriteFailedException e) {
            LOG.warn("DEL in namespace {} failed: {}", call.namespace().name(), e.getMessage());
            call.error(
                    e.part() == WriteFailedException.Part.DATA
                            ? "Cannot delete key (data)"
                            : "Cannot delete key (index)");
            return;
        }
        answer(call, outcome, false);
    }

    private static void answer(Call call, WriteOutcome outcome, boolean isSet) throws IOException {
        switch (outcome) {
            case WriteOutcome.Done done -> {
                call.reply().after(done.commit());
                if (isSet) {
                    call.reply().bulk(done.key());
                } else {
                    call.reply().ok();
                }
            }
            case WriteOutcome.Unchanged unchanged -> {
                call.reply().after(unchanged.commit());
                call.reply().nil();
            }
            case WriteOutcome.Refused refused -> call.error(text(refused.why(), isSet));
        }
    }

    private static String text(WriteOutcome.Refusal why, boolean isSet) {
        return switch (why) {
            case FROZEN -> "Namespace is temporarily frozen (read-write disabled)";
            case LOCKED -> "Namespace is temporarily locked (read-only)";
            case WORM ->
                isSet ? "Namespace is protected by worm mode" : "Cannot delete a key when namespace is in worm mode";
            case NO_SPACE -> "No space left on this namespace";
            case KEY_NEEDED -> "Invalid argument, key needed";
            case UPDATE_ONLY -> "Invalid key, only update authorized";
            case NOT_FOUND -> "Key not found";
        };
    }

    private interface Answer {
        void give(@Nullable Version version) throws IOException;
    }

    /** The checks that reading commands share, then the version of the key. */
    private static void lookup(Call call, boolean checkLength, Answer answer) throws IOException {
        if (!call.has(2)) {
            return;
        }
        boolean tooLong = call.request().length(1) > DataFormat.MAX_KEY_BYTES;
        if (tooLong && checkLength) {
            call.error("Invalid key");
            return;
        }
        if (!call.isReadable()) {
            return;
        }
        if (tooLong) {
            call.error("Invalid key");
            return;
        }
        answer.give(call.namespace().find(call.request().bytes(1)));
    }

    private static void integerOrNil(Call call, @Nullable Integer unsigned) throws IOException {
        if (unsigned == null) {
            call.reply().nil();
        } else {
            call.reply().integer(Integer.toUnsignedLong(unsigned));
        }
    }

    private void get(Call call) throws IOException {
        if (!call.has(2)) {
            return;
        }
        if (call.request().length(1) > DataFormat.MAX_KEY_BYTES) {
            call.error("Invalid key");
            return;
        }
        if (call.isReadable()) {
            giveValue(call, call.request().bytes(1));
        }
    }

    private void mget(Call call) throws IOException {
        Request request = call.request();
        if (call.count() < 2) {
            call.error("Invalid arguments");
            return;
        }
        for (int i = 1; i < call.count(); i++) {
            if (request.length(i) > DataFormat.MAX_KEY_BYTES) {
                call.error("Invalid key");
                return;
            }
        }
        if (!call.isReadable()) {
            return;
        }
        call.reply().array(call.count() - 1);
        for (int i = 1; i < call.count(); i++) {
            giveValue(call, request.bytes(i));
        }
    }

    private void giveValue(Call call, byte[] key) throws IOException {
        try (ValueBuffers buffers = new ValueBuffers(pool, call.reply(), cache)) {
            ByteBuffer[] value;
            try {
                value = call.namespace().get(key, buffers);
            } catch (WriteFailedException | ClientGoneException | NoMemoryException e) {
                // making room sends earlier replies, and those were lost; or there is none, which says nothing about
                // the value
                throw e;
            } catch (IOException e) {
                unreadable(call, e);
                call.error("Internal Error");
                return;
            }
            if (value == null) {
                call.reply().nil();
            } else if (buffers.isInReply()) {
                call.reply().bulkInRoom(value[0]);
            } else {
                call.reply().bulk(value);
            }
        }
    }

    private static void unreadable(Call call, IOException e) {
        LOG.warn("a value of namespace {} cannot be read: {}", call.namespace().name(), e.getMessage());
    }

    private void check(Call call) throws IOException {
        if (!call.has(2)) {
            return;
        }
        if (call.request().length(1) > DataFormat.MAX_KEY_BYTES) {
            call.error("Invalid key");
            return;
        }
        if (!call.isReadable()) {
            return;
        }
        try (ValueBuffers buffers = new ValueBuffers(pool, call.reply(), null)) {
            if (call.namespace().get(call.request().bytes(1), buffers) == null) {
                call.reply().nil();
            } else {
                call.reply().integer(1);
            }
        } catch (ValueUnreadableException e) {
            unreadable(call, e);
            call.reply().integer(e.isDamaged() ? 0 : -1);
        }
    }

    private void keycur(Call call) throws IOException {
        lookup(call, false, version -> {
            Cursor cursor = version == null
                    ? null
                    : call.namespace().cursor(call.request().bytes(1));
            if (cursor == null) {
                call.error("Key not found");
            } else {
                call.reply().bulk(cursor.bytes());
            }
        });
    }

    private void history(Call call) throws IOException {
        Request request = call.request();
        if (call.count() != 2 && call.count() != 3) {
            call.error("Invalid arguments");
            return;
        }
        if (!call.isReadable()) {
            return;
        }
        if (request.length(1) > DataFormat.MAX_KEY_BYTES) {
            call.error("Invalid key");
            return;
        }
        Place at = null;
        if (call.count() == 3) {
            at = request.length(2) == 8 ? Place.parse(request.bytes(2)) : null;
            if (at == null) {
                call.error("Invalid arguments");
                return;
            }
            if (at.file() == 0 && at.offset() == 0) {
                call.error("No more history");
                return;
            }
        }
        HistoryOutcome outcome;
        try {
            outcome = call.namespace().history(request.bytes(1), at);
        } catch (ValueUnreadableException e) {
            unreadable(call, e);
            call.error("Internal Error");
            return;
        }
        answer(call, outcome);
    }

    private void answer(Call call, HistoryOutcome outcome) throws IOException {
        switch (outcome) {
            case HistoryOutcome.Nothing nothing ->
                call.error(
                        switch (nothing) {
                            case NO_KEY -> "Key not found";
                            case NO_RECORD -> "Invalid arguments (index query)";
                            case OTHER_KEY -> "Invalid arguments (invalid key)";
                        });
            case HistoryOutcome.Found found -> answer(call, found);
        }
    }

    private void answer(Call call, HistoryOutcome.Found found) throws IOException {
        try (ValueBuffers buffers = new ValueBuffers(pool)) {
            Version version = found.value().version();
            ByteBuffer[] value;
            try {
                value = buffers.of(version.length());
                found.value().read(value);
            } catch (IOException e) {
                unreadable(call, e);
                call.error("Internal Error");
                return;
            }
            ReplyWriter reply = call.reply();
            reply.array(3);
            Place before = found.before();
            if (before == null) {
                reply.nil();
            } else {
                reply.bulk(before.bytes());
            }
            reply.bulk(Integer.toUnsignedString(version.timestamp()));
            reply.bulk(value);
        }
    }

    private static void scan(Call call, boolean backward) throws IOException {
        if (!call.isReadable()) {
            return;
        }
        Namespace namespace = call.namespace();
        Cursor cursor = null;
        if (call.count() > 1) {
            cursor = call.request().length(1) == Cursor.BYTES
                    ? Cursor.parse(call.request().bytes(1))
                    : null;
            if (cursor == null || !namespace.isValid(cursor)) {
                call.error("Invalid key format");
                return;
            }
        }
        ScanPage page = namespace.scan(cursor, backward);
        if (page == null) {
            call.error("No more data");
            return;
        }
        ReplyWriter reply = call.reply();
        reply.array(2);
        reply.bulk(page.last().bytes());
        reply.array(page.entries().size());
        for (ScanPage.Entry entry : page.entries()) {
            reply.array(3);
            reply.bulk(entry.key());
            reply.integer(Integer.toUnsignedLong(entry.length()));
            reply.integer(Integer.toUnsignedLong(entry.timestamp()));
        }
    }
}
