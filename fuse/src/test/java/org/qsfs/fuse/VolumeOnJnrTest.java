package org.qsfs.fuse;

final class VolumeOnJnrTest extends VolumeMountContract {
    @Override
    Binding binding() {
        return Binding.JNR;
    }
}
