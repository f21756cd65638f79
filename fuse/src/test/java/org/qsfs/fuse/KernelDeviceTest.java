package org.qsfs.fuse;

import java.nio.file.Path;

/** Through {@code /dev/fuse} also where the kernel has io_uring. */
final class KernelDeviceTest extends KernelBindingTest {
    @Override
    MountOptions options(Path mountpoint) {
        return super.options(mountpoint).withIoUring(false);
    }
}
