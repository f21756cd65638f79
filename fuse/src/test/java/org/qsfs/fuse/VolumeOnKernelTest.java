package org.qsfs.fuse;

final class VolumeOnKernelTest extends VolumeMountContract {
    @Override
    Binding binding() {
        return Binding.KERNEL;
    }
}
