package org.qsfs.fuse;

final class JnrBindingTest extends FuseBindingContract {
    @Override
    Binding binding() {
        return Binding.JNR;
    }
}
