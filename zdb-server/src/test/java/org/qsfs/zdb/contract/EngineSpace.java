package org.qsfs.zdb.contract;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Cursor;
import org.qsfs.zdb.engine.HistoryOutcome;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.ScanPage;
import org.qsfs.zdb.engine.ValueUnreadableException;
import org.qsfs.zdb.engine.Version;
import org.qsfs.zdb.engine.WriteOutcome;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;

/** A namespace of an engine in this process. */
record EngineSpace(Namespace namespace) implements Space {
    @Override
    public Answer set(byte[] key, byte[] value) throws IOException {
        return switch (namespace.set(key, 1, ByteBuffer.wrap(value))) {
            case WriteOutcome.Done done -> {
                done.commit().await();
                yield new Answer.Bytes(done.key());
            }
            case WriteOutcome.Unchanged unchanged -> {
                unchanged.commit().await();
                yield Answer.Plain.NONE;
            }
            case WriteOutcome.Refused refused ->
                Answer.Refused.valueOf(refused.why().name());
        };
    }

    @Override
    public Answer get(byte[] key) throws IOException {
        byte[] value = namespace.get(key);
        return value == null ? Answer.Plain.NONE : new Answer.Bytes(value);
    }

    @Override
    public Answer delete(byte[] key) throws IOException {
        return switch (namespace.delete(key, 1)) {
            case WriteOutcome.Done done -> {
                done.commit().await();
                yield Answer.Plain.DONE;
            }
            case WriteOutcome.Unchanged _ -> throw new AssertionError("a deletion changes something");
            case WriteOutcome.Refused refused ->
                Answer.Refused.valueOf(refused.why().name());
        };
    }

    @Override
    public boolean exists(byte[] key) throws IOException {
        return namespace.find(key) != null;
    }

    @Override
    public int check(byte[] key) throws IOException {
        try {
            return namespace.get(key) == null ? -2 : 1;
        } catch (ValueUnreadableException e) {
            return e.isDamaged() ? 0 : -1;
        }
    }

    @Override
    public long length(byte[] key) throws IOException {
        Version version = namespace.find(key);
        return version == null ? -1 : version.length();
    }

    @Override
    public List<Found> scan(boolean backward) throws IOException {
        return scan(null, backward);
    }

    @Override
    public List<Found> scanBehind(byte[] key) throws IOException {
        return scan(namespace.cursor(key), false);
    }

    private List<Found> scan(@Nullable Cursor from, boolean backward) throws IOException {
        List<Found> found = new ArrayList<>();
        for (ScanPage page = namespace.scan(from, backward);
                page != null;
                page = namespace.scan(page.last(), backward)) {
            for (ScanPage.Entry entry : page.entries()) {
                found.add(new Found(new String(entry.key(), StandardCharsets.ISO_8859_1), entry.length()));
            }
        }
        return found;
    }

    @Override
    public List<byte[]> history(byte[] key) throws IOException {
        List<byte[]> values = new ArrayList<>();
        HistoryOutcome.Place at = null;
        do {
            if (!(namespace.history(key, at) instanceof HistoryOutcome.Found found)) {
                return values;
            }
            ByteBuffer value = ByteBuffer.allocate(found.value().version().length());
            found.value().read(value);
            values.add(value.array());
            at = found.before();
        } while (at != null);
        return values;
    }

    @Override
    public long entries() {
        return namespace.entries();
    }

    @Override
    public long dataBytes() {
        return namespace.dataBytes();
    }

    @Override
    public Answer set(Property property, String value) throws IOException {
        NamespaceSettings s = namespace.settings();
        boolean on = value.startsWith("1");
        switch (property) {
            case LOCK -> namespace.access(on ? Namespace.Access.LOCKED : Namespace.Access.OPEN);
            case FREEZE -> namespace.access(on ? Namespace.Access.FROZEN : Namespace.Access.OPEN);
            case MAXSIZE ->
                namespace.settings(
                        new NamespaceSettings(s.name(), s.password(), Long.parseLong(value), s.isPublic(), s.worm()));
            case WORM ->
                namespace.settings(new NamespaceSettings(s.name(), s.password(), s.maxSize(), s.isPublic(), on));
            case MODE -> {
                if (!namespace.mode(value.equals("seq") ? Mode.SEQUENTIAL : Mode.USER)) {
                    return Answer.Refused.MODE_IN_USE;
                }
            }
        }
        return Answer.Plain.DONE;
    }

    @Override
    public void jump() throws IOException {
        namespace.jump();
    }

    @Override
    public void reload() throws IOException {
        namespace.reload();
    }

    @Override
    public Space another() {
        return this;
    }

    @Override
    public void close() {
        // the engine has the namespace
    }
}
