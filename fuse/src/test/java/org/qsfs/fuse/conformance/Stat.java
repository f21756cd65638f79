package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.time.Instant;

/** What statx(2) tells of an inode. {@code blocks} are of 512 bytes. */
record Stat(
        int mode,
        int links,
        int uid,
        int gid,
        long inode,
        long size,
        long blocks,
        Instant accessed,
        Instant modified,
        Instant changed,
        int major,
        int minor) {
    static final int SIZE = 256;

    static final int TYPE = 0170000;
    static final int REGULAR = 0100000;
    static final int DIRECTORY = 0040000;
    static final int SYMLINK = 0120000;
    static final int FIFO = 0010000;
    static final int SOCKET = 0140000;
    static final int CHARACTER = 0020000;
    static final int BLOCK = 0060000;

    /** linux/stat.h, struct statx. */
    static Stat of(MemorySegment s) {
        return new Stat(
                s.get(JAVA_SHORT, 28) & 0xffff,
                s.get(JAVA_INT, 16),
                s.get(JAVA_INT, 20),
                s.get(JAVA_INT, 24),
                s.get(JAVA_LONG, 32),
                s.get(JAVA_LONG, 40),
                s.get(JAVA_LONG, 48),
                time(s, 64),
                time(s, 112),
                time(s, 96),
                s.get(JAVA_INT, 128),
                s.get(JAVA_INT, 132));
    }

    static Instant created(MemorySegment s) {
        return time(s, 80);
    }

    private static Instant time(MemorySegment s, long at) {
        return Instant.ofEpochSecond(s.get(JAVA_LONG, at), s.get(JAVA_INT, at + 8));
    }

    int type() {
        return mode & TYPE;
    }

    int permissions() {
        return mode & 07777;
    }
}
