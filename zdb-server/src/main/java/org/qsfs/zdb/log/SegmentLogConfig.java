package org.qsfs.zdb.log;

import java.nio.file.Path;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.SystemFiles;
import org.qsfs.zdb.format.DataFormat;

/**
 * Settings of a log.
 *
 * @param dataRoot data files are {@code dataRoot/namespace/dN}
 * @param indexRoot index files are {@code indexRoot/namespace/iN}; not the same directory as {@code dataRoot}
 * @param namespace name of the namespace, 1..128 bytes without {@code /}
 * @param segmentSize length in bytes that a segment does not exceed, unless one entry alone is longer; less than 4 GiB
 * @param keyLength length of every key, 1..255; 0 when keys have different lengths. With a fixed length a read of part of a
 *     value is one system call, else two
 * @param openFiles how many closed segments are kept open for reading
 */
public record SegmentLogConfig(
        Path dataRoot,
        Path indexRoot,
        String namespace,
        long segmentSize,
        int keyLength,
        int openFiles,
        SegmentFraming framing,
        MissingSegments missing,
        FileLayer files) {
    public static final long DEFAULT_SEGMENT_SIZE = 64L << 20;

    private static final long SMALLEST_SEGMENT = 1024;

    public SegmentLogConfig {
        if (namespace.isEmpty()
                || namespace.contains("/")
                || namespace.equals(".")
                || namespace.equals("..")
                || namespace.length() > 128) {
            throw new IllegalArgumentException(
                    "no name for a namespace: '" + namespace + "'; 1 to 128 characters without / expected");
        }
        if (dataRoot.equals(indexRoot)) {
            throw new IllegalArgumentException("data and index directory are both " + dataRoot + "; they must differ");
        }
        long longest = DataFormat.MAX_FILE_BYTES - DataFormat.MAX_VALUE_BYTES - 1024;
        if (segmentSize < SMALLEST_SEGMENT || segmentSize > longest) {
            throw new IllegalArgumentException(
                    "segment size " + segmentSize + " bytes; expected " + SMALLEST_SEGMENT + " to " + longest);
        }
        if (keyLength < 0 || keyLength > DataFormat.MAX_KEY_BYTES || openFiles < 1) {
            throw new IllegalArgumentException("key length " + keyLength + ", open files " + openFiles);
        }
    }

    /** 64 MiB segments in the system's files, keys of any length, no framing, nothing stored elsewhere. */
    public static SegmentLogConfig of(Path dataRoot, Path indexRoot, String namespace) {
        return new SegmentLogConfig(
                dataRoot,
                indexRoot,
                namespace,
                DEFAULT_SEGMENT_SIZE,
                0,
                64,
                SegmentFraming.NONE,
                MissingSegments.NONE,
                new SystemFiles());
    }

    public SegmentLogConfig withSegmentSize(long bytes) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, bytes, keyLength, openFiles, framing, missing, files);
    }

    public SegmentLogConfig withKeyLength(int bytes) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, segmentSize, bytes, openFiles, framing, missing, files);
    }

    public SegmentLogConfig withOpenFiles(int count) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, segmentSize, keyLength, count, framing, missing, files);
    }

    public SegmentLogConfig withFraming(SegmentFraming strategy) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, segmentSize, keyLength, openFiles, strategy, missing, files);
    }

    public SegmentLogConfig withMissing(MissingSegments source) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, segmentSize, keyLength, openFiles, framing, source, files);
    }

    public SegmentLogConfig withFiles(FileLayer layer) {
        return new SegmentLogConfig(
                dataRoot, indexRoot, namespace, segmentSize, keyLength, openFiles, framing, missing, layer);
    }

    Path dataDirectory() {
        return dataRoot.resolve(namespace);
    }

    Path indexDirectory() {
        return indexRoot.resolve(namespace);
    }
}
