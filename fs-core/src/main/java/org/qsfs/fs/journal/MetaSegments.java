package org.qsfs.fs.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.EntryWalker;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.ScanEnd;
import org.qsfs.zdb.log.SegmentLogConfig;

/** Reads the files of the meta namespace, local or stored elsewhere, also where they are damaged. Any thread. */
final class MetaSegments {
    private static final int WINDOW_BYTES = 1 << 20;

    private final SegmentLogConfig config;

    MetaSegments(SegmentLogConfig config) {
        this.config = config;
    }

    /** Sees what a segment holds, in order. Both methods return whether to go on. */
    interface Visitor {
        boolean entry(JournalEntry entry, LogPosition start, LogPosition end) throws IOException;

        /** What begins here is no intact entry. The next call is about something behind it. */
        boolean damaged(LogPosition start, String what) throws IOException;
    }

    /** A data file opened for reading. */
    private record Source(@Nullable OpenFile file, SegmentLogConfig config, int segment, long length)
            implements EntryWalker.Source, Closeable {
        @Override
        public void read(ByteBuffer dst, long position) throws IOException {
            if (file != null) {
                file.readFully(dst, position);
            } else {
                config.missing().read(segment, position, dst);
            }
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }

    private Source open(int segment) throws IOException {
        Path file = config.dataRoot().resolve(config.namespace()).resolve(DataFormat.fileName(segment));
        if (config.files().exists(file)) {
            try {
                OpenFile opened = config.files().open(file, OpenMode.READ);
                return new Source(opened, config, segment, opened.size());
            } catch (NoSuchFileException e) {
                // evicted in this moment, so it is stored elsewhere
            }
        }
        return new Source(null, config, segment, config.missing().length(segment));
    }

    /** Length in bytes, -1 when there is no such segment. */
    long length(int segment) throws IOException {
        try (Source source = open(segment)) {
            return source.length();
        }
    }

    /** SHA-256 of the first {@code length} bytes of a segment's file. */
    Sha256 hash(int segment, long length) throws IOException {
        MessageDigest digest = Sha256.hasher();
        update(digest, segment, 0, length);
        return Sha256.of(digest.digest());
    }

    /** Feeds bytes {@code [from, to)} of a segment's file to a digest. */
    void update(MessageDigest digest, int segment, long from, long to) throws IOException {
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, Math.max(0, to - from)));
        try (Source source = open(segment)) {
            for (long at = from; at < to; at += window.limit()) {
                window.clear().limit((int) Math.min(window.capacity(), to - at));
                source.read(window, at);
                digest.update(window.flip());
            }
        }
    }

    /** The header of a segment, null when its first entry is not one. */
    @Nullable
    SegmentHeader header(int segment) throws IOException {
        List<SegmentHeader> found = new ArrayList<>();
        try (Source source = open(segment)) {
            if (source.length() >= 0) {
                read(source, new Visitor() {
                    @Override
                    public boolean entry(JournalEntry entry, LogPosition start, LogPosition end) {
                        if (entry instanceof SegmentHeader header && header.segment() == segment) {
                            found.add(header);
                        }
                        return false;
                    }

                    @Override
                    public boolean damaged(LogPosition start, String what) {
                        return false;
                    }
                });
            }
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    /** Reads a whole segment. Behind damage it goes on at the next intact entry. */
    void read(int segment, Visitor visitor) throws IOException {
        try (Source source = open(segment)) {
            if (source.length() < 0) {
                throw new IOException("meta segment " + segment + " is neither on the local disk nor stored elsewhere");
            }
            read(source, visitor);
        }
    }

    private static void read(Source source, Visitor visitor) throws IOException {
        EntryWalker walker = new EntryWalker(source.segment(), source, source.length(), true);
        long from = 0;
        while (from >= 0) {
            ScanEnd end = walker.walk(from, entry -> visit(entry, visitor));
            if (end.complete()
                    || end.reason() == ScanEnd.Reason.STOPPED
                    || !visitor.damaged(end.position(), end.detail())) {
                return;
            }
            from = nextEntry(source, end.position().offset() + 1);
        }
    }

    private static boolean visit(EntryVisitor.Entry entry, Visitor visitor) throws IOException {
        LogPosition start =
                new LogPosition(entry.location().segment(), entry.location().position());
        if (!entry.crcOk()) {
            return visitor.damaged(start, "an entry of " + entry.location().length() + " bytes with a wrong checksum");
        }
        JournalEntry decoded;
        try {
            decoded = JournalEntry.decode(entry.key(), entry.value());
        } catch (JournalFormatException e) {
            return visitor.damaged(start, String.valueOf(e.getMessage()));
        }
        return visitor.entry(decoded, start, entry.end());
    }

    /** Offset of the next intact entry at or after {@code from}, -1 when there is none. */
    private static long nextEntry(Source source, long from) throws IOException {
        int head = DataFormat.ENTRY_HEADER_BYTES + EntryKey.BYTES;
        long at = Math.max(from, DataFormat.HEADER_BYTES);
        while (source.length() - at >= head) {
            ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, source.length() - at))
                    .order(ByteOrder.LITTLE_ENDIAN);
            source.read(window, at);
            window.flip();
            for (int i = 0; i + head <= window.limit(); i++) {
                if (looksLikeEntry(window, i, source.length() - at - i) && isIntact(source, at + i)) {
                    return at + i;
                }
            }
            at += window.limit() - head + 1;
        }
        return -1;
    }

    private static boolean looksLikeEntry(ByteBuffer window, int at, long left) {
        if (window.get(at) != EntryKey.BYTES) {
            return false;
        }
        DataFormat.EntryHeader header = DataFormat.entryHeader(window, at);
        return header.flags() == 0
                && header.valueLength() <= DataFormat.MAX_VALUE_BYTES
                && header.entryBytes() <= left
                && Character.isUpperCase(window.get(at + DataFormat.ENTRY_HEADER_BYTES));
    }

    private static boolean isIntact(Source source, long at) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(DataFormat.ENTRY_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        source.read(head, at);
        DataFormat.EntryHeader header = DataFormat.entryHeader(head.flip(), 0);
        ByteBuffer value = ByteBuffer.allocate((int) header.valueLength());
        source.read(value, at + DataFormat.ENTRY_HEADER_BYTES + header.keyLength());
        return ZdbCrc.of(value.flip()) == header.crc();
    }

    /**
     * The chain of segments that ends in {@code tail}, ascending, from the segment {@code first} on, or from the first of all when {@code first} is not in it.
     * Where a header cannot be read, the next lower segment that exists is taken for the one before.
     */
    List<Integer> chain(int tail, int first) throws IOException {
        List<Integer> descending = new ArrayList<>();
        for (int segment = tail; segment >= 0; segment = before(segment)) {
            descending.add(segment);
            if (segment <= first) {
                break;
            }
        }
        Collections.reverse(descending);
        return descending;
    }

    private int before(int segment) throws IOException {
        SegmentHeader header = header(segment);
        if (header != null) {
            SegmentLink link = header.predecessor();
            return link == null ? -1 : link.segment();
        }
        int candidate = segment - 1;
        while (candidate >= 0 && length(candidate) < 0) {
            candidate--;
        }
        return candidate;
    }
}
