package org.qsfs.fuse.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    private static final String TABLE = """
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            95 22 0:48 / /mnt/a\\040b\\134c\\011\\303\\251 rw,nosuid shared:7 master:2 - fuse.qsfs my\\040volume rw,user_id=0
            96 22 0:49 / /mnt/twice rw - tmpfs tmpfs rw
            97 96 0:50 / /mnt/twice rw - fuse.other other rw
            nonsense
            """;

    @Test
    void readsEntriesWithEscapedNames() {
        MountTable.Entry entry =
                MountTable.parse(TABLE).at(Path.of("/mnt/a b\\c\té")).orElseThrow();
        assertThat(entry.id()).isEqualTo(95);
        assertThat(entry.device()).isEqualTo("0:48");
        assertThat(entry.type()).isEqualTo("fuse.qsfs");
        assertThat(entry.source()).isEqualTo("my volume");
        assertThat(entry.isFuse()).isTrue();
    }

    @Test
    void findsTheUppermostMount() {
        assertThat(MountTable.parse(TABLE)
                        .at(Path.of("/mnt/twice"))
                        .orElseThrow()
                        .source())
                .isEqualTo("other");
        assertThat(MountTable.parse(TABLE).at(Path.of("/mnt"))).isEmpty();
        assertThat(MountTable.parse(TABLE).at(Path.of("/")).orElseThrow().isFuse())
                .isFalse();
    }

    @Test
    void readsTheTableOfThisMachine() throws Exception {
        assertThat(MountTable.read().at(Path.of("/proc")).orElseThrow().type()).isEqualTo("proc");
    }
}
