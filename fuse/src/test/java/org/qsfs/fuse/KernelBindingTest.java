package org.qsfs.fuse;

final class KernelBindingTest extends FuseBindingContract {
    @Override
    Binding binding() {
        return Binding.KERNEL;
    }
}
