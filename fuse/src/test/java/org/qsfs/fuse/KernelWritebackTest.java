package org.qsfs.fuse;

import java.nio.file.Path;

final class KernelWritebackTest extends KernelBindingTest {
    @Override
    MountOptions options(Path mountpoint) {
        return super.options(mountpoint).withWritebackCache(true);
    }
}
