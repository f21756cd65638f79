package org.qsfs.fuse;

import java.nio.file.Path;

/** Mounts a filesystem in memory in a process of its own, to be killed, entered by other users or measured: {@code MountMain MOUNTPOINT BINDING [writeback]}. */
final class MountMain {
    private MountMain() {}

    public static void main(String[] arguments) throws Exception {
        MountOptions options = MountOptions.of(Path.of(arguments[0]))
                .withBinding(Binding.valueOf(arguments[1]))
                .withWritebackCache(arguments.length > 2);
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options)) {
            System.out.println("mounted by " + mount.binding());
            mount.awaitUnmount();
        }
    }
}
