package org.qsfs.fuse;

import java.nio.file.Path;

final class KernelWritebackTest extends FuseBindingContract {
    @Override
    Binding binding() {
        return Binding.KERNEL;
    }

    @Override
    MountOptions options(Path mountpoint) {
        return super.options(mountpoint).withWritebackCache(true);
    }
}
