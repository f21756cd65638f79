package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.AccessTimes;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.fs.journal.MemoryJournal;

/** Access times are written by the timer and at the end, and never keep anything else from the disk. */
@Timeout(60)
class AccessTimesTest {
    @Test
    void ofADamagedInodeAreLeftOut() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            long damaged = volume.makeFile("/damaged", new byte[10]);
            long whole = volume.makeFile("/whole", new byte[10]);
            Metadata metadata = metadata(volume.journal());
            Timestamp time = metadata.now();
            metadata.accessTimes().accessed(metadata(volume.journal()).inode(damaged), time);
            metadata.accessTimes().accessed(metadata(volume.journal()).inode(whole), time);
            volume.journal().damage(Rows.inodeKey(damaged), new byte[] {99});
            metadata.writeAccessTimes();
            assertThat(metadata(volume.journal()).inode(whole).times().accessed())
                    .isEqualTo(time);
        }
    }

    @Test
    void ofManyLongSymbolicLinksAreManyTransactions() throws Exception {
        try (TestVolume volume = TestVolume.create()) {
            byte[] target = "x".repeat(4000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            Metadata metadata = metadata(volume.journal());
            for (int i = 0; i < 1100; i++) {
                long link = volume.fs()
                        .makeSymlink(Caller.ROOT, FileSystem.ROOT, FileName.of("link" + i), target)
                        .inode();
                metadata.accessTimes().accessed(metadata.inode(link), metadata.now());
            }
            int before = volume.journal().transactions();
            metadata.writeAccessTimes();
            assertThat(volume.journal().transactions()).isGreaterThan(before + 1);
        }
    }

    private static Metadata metadata(MemoryJournal journal) {
        return new Metadata(
                journal,
                journal,
                InstantSource.system(),
                new Metadata.Limits(Long.MAX_VALUE, 100, false),
                new AccessTimes(AccessTimes.Policy.STRICTATIME));
    }
}
