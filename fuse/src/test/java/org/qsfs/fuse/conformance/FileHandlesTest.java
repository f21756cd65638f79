package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.fs.Errno;
import org.qsfs.fuse.Binding;

/** File handles outlive a mount: an NFS client may come with one after the daemon was started again. */
final class FileHandlesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    void handlesOfAnEarlierMountOpenTheSameInodes(Binding binding) throws Exception {
        Assumptions.assumeTrue(Native.isSuperuser(), "only root may open file handles");
        MountedVolume first = MountedVolume.open(directory, binding, false);
        Place before = new Place(first.root());
        before.dir("d", 0755).file("d/f", "content").file("gone", "content");
        byte[] file = before.handle("d/f");
        byte[] parent = before.handle("d");
        byte[] gone = before.handle("gone");
        Place.ok(before.unlink("gone"));
        first.close();

        MountedVolume second = MountedVolume.open(directory, binding, false);
        Place after = new Place(second.root());
        try {
            after.file("new", "other");
            int descriptor = (int) Place.ok(after.open(file, Place.O_RDONLY));
            assertThat(after.read(descriptor, 0, 9)).isEqualTo("content");
            Place.ok(after.open(parent, Place.O_RDONLY | Place.O_DIRECTORY));
            Place.fails(Errno.ESTALE, after.open(gone, Place.O_RDONLY));
        } finally {
            after.closeAll();
            second.checkAndClose();
        }
    }
}
