package org.qsfs.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Pages of a file that is written directly")
class DirectWritesTest {
    private static final int DIRECT = System.getProperty("os.arch").equals("aarch64") ? 0200000 : 040000;
    private static final int INODE = 7;
    private static final int WRITER = 1;
    private static final int READER = 2;

    private final List<String> dropped = new ArrayList<>();
    private final DirectWrites writes =
            new DirectWrites((inode, offset, length) -> dropped.add(inode + ": " + length + " from " + offset), 8);

    @Test
    @DisplayName("are dropped after a write when some were read through the cache")
    void readAndWritten() {
        writes.opened(WRITER, INODE, DIRECT | 2);
        writes.opened(READER, INODE, 0);
        writes.reading(READER, INODE);
        writes.written(WRITER, INODE, 4096, 512);
        assertThat(dropped).containsExactly("7: 512 from 4096");
    }

    @Test
    @DisplayName("stay when nobody read any, or somebody else's file was read")
    void notRead() {
        writes.opened(WRITER, INODE, DIRECT | 2);
        writes.reading(READER, INODE + 1);
        writes.reading(WRITER, INODE);
        writes.written(WRITER, INODE, 0, 512);
        assertThat(dropped).isEmpty();
    }

    @Test
    @DisplayName("stay when the write goes through the cache")
    void writtenThroughTheCache() {
        writes.opened(WRITER, INODE, DIRECT | 2);
        writes.reading(READER, INODE);
        writes.written(READER, INODE, 0, 512);
        assertThat(dropped).isEmpty();
    }

    @Test
    @DisplayName("are nobody's business when the last direct handle is closed, but not before")
    void released() {
        writes.opened(WRITER, INODE, DIRECT | 2);
        writes.opened(WRITER + 10, INODE, DIRECT | 2);
        writes.reading(READER, INODE);
        writes.released(WRITER + 10);
        writes.written(WRITER, INODE, 0, 1);
        assertThat(dropped).containsExactly("7: 1 from 0");
        writes.released(WRITER);
        writes.opened(WRITER, INODE, DIRECT | 2);
        writes.written(WRITER, INODE, 0, 2);
        assertThat(dropped).as("reads of before were answered before").hasSize(1);
    }
}
