package org.qsfs.fs.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.FsException;
import org.qsfs.fs.rows.RowCursor;
import org.qsfs.fs.rows.RowReader;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.MissingSegments;
import org.qsfs.zdb.log.SegmentLogConfig;

/** A volume whose namespaces are in memory and forget at a crash, and whose index is in a directory. */
final class TestVolume {
    static final VolumeId VOLUME = new VolumeId(0x0123456789abcdefL, 0x1122334455667788L);
    static final Path DATA_ROOT = Path.of("/volume/data");
    static final Path INDEX_ROOT = Path.of("/volume/index");

    final Path indexDirectory;
    ForgetfulFiles files = new ForgetfulFiles();
    FileLayer layer = files;
    String bootId = "boot-1";
    long segmentSize = 64 << 10;
    long epoch = 1;
    long indexCommitBytes = 32 << 20;
    JournalConfig.Mode mode = JournalConfig.Mode.READ_WRITE;

    TestVolume(Path indexDirectory) {
        this.indexDirectory = indexDirectory;
    }

    JournalConfig config() {
        SegmentLogConfig base = SegmentLogConfig.of(DATA_ROOT, INDEX_ROOT, "v-data")
                .withFiles(layer)
                .withSegmentSize(segmentSize);
        SegmentLogConfig meta = SegmentLogConfig.of(DATA_ROOT, INDEX_ROOT, "v-meta")
                .withFiles(layer)
                .withMissing(stored)
                .withSegmentSize(segmentSize);
        RowStoreConfig rows = RowStoreConfig.of(indexDirectory, VOLUME.toString(), bootId)
                .withMemory(4, 1 << 20)
                .withCommits(indexCommitBytes, Duration.ofSeconds(30))
                .withPatience(Duration.ofSeconds(30));
        return JournalConfig.of(VOLUME, epoch, base, meta, rows).withMode(mode);
    }

    /** Meta segments that are not local. */
    private final Map<Integer, byte[]> storedMeta = new TreeMap<>();

    private final MissingSegments stored = new MissingSegments() {
        @Override
        public int highest() {
            return storedMeta.keySet().stream().max(Integer::compare).orElse(-1);
        }

        @Override
        public long length(int segment) {
            byte[] bytes = storedMeta.get(segment);
            return bytes == null ? -1 : bytes.length;
        }

        @Override
        public void read(int segment, long offset, ByteBuffer dst) throws IOException {
            byte[] bytes = storedMeta.get(segment);
            if (bytes == null) {
                throw new IOException("segment " + segment + " is not stored");
            }
            dst.put(bytes, (int) offset, dst.remaining());
        }
    };

    /** Takes a closed meta segment from the local files and keeps it where missing segments are read. */
    void evictMeta(int segment) throws IOException {
        storedMeta.put(segment, files.bytes(metaFile(segment)));
        files.delete(metaFile(segment));
    }

    RecoveredVolume open() throws IOException {
        return Journal.open(config());
    }

    static Path metaFile(int segment) {
        return DATA_ROOT.resolve("v-meta").resolve("d" + segment);
    }

    static Path dataFile(int segment) {
        return DATA_ROOT.resolve("v-data").resolve("d" + segment);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Appends a data record and makes the transaction introduce it. */
    static Location appendData(RecoveredVolume volume, Transaction transaction, byte[] content) throws IOException {
        Location location = volume.journal().data().append(bytes("data-key"), ByteBuffer.wrap(content));
        transaction.introduces(location, ZdbCrc.of(content));
        return location;
    }

    /** All rows of table {@code r}. */
    static Map<String, String> rows(RowReader reader) throws FsException {
        Map<String, String> all = new TreeMap<>();
        List<String> keys = new ArrayList<>();
        RowCursor cursor = reader.scan(bytes("r"), bytes("s"));
        while (cursor.next()) {
            all.put(text(cursor.key()), text(cursor.value()));
            keys.add(text(cursor.key()));
        }
        if (keys.size() != all.size()) {
            throw new AssertionError("a scan met a row twice: " + keys);
        }
        return all;
    }
}
