package org.qsfs.benchmarks.filesystem;

import java.nio.file.Path;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.MountOptions;

/** The ways to mount that are compared. */
enum MountedBy {
    KERNEL("kernel", Binding.KERNEL, true, false),
    DEVICE("kernel, /dev/fuse", Binding.KERNEL, false, false),
    WRITEBACK("kernel, writeback", Binding.KERNEL, false, true),
    JNR("jnr", Binding.JNR, false, false);

    private final String text;
    private final Binding binding;
    private final boolean ioUring;
    private final boolean writeback;

    /** @param ioUring where the kernel allows it */
    MountedBy(String text, Binding binding, boolean ioUring, boolean writeback) {
        this.text = text;
        this.binding = binding;
        this.ioUring = ioUring;
        this.writeback = writeback;
    }

    String text() {
        return text;
    }

    MountOptions options(Path mountpoint) {
        return MountOptions.of(mountpoint)
                .withBinding(binding)
                .withIoUring(ioUring)
                .withWritebackCache(writeback);
    }
}
