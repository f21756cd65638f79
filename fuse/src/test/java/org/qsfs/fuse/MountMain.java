package org.qsfs.fuse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Mounts a filesystem in memory in a process of its own, to be killed, entered by other users or measured:
 * {@code MountMain MOUNTPOINT BINDING [writeback] [once]}. With {@code once} it writes a file, prints it and unmounts.
 */
final class MountMain {
    private MountMain() {}

    public static void main(String[] arguments) throws Exception {
        Path mountpoint = Path.of(arguments[0]);
        MountOptions options = MountOptions.of(mountpoint)
                .withBinding(Binding.valueOf(arguments[1]))
                .withWritebackCache(Arrays.asList(arguments).contains("writeback"));
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options)) {
            System.out.println("mounted by " + mount.binding());
            if (Arrays.asList(arguments).contains("once")) {
                Path file = Files.writeString(mountpoint.resolve("file"), "content");
                System.out.println(Files.getOwner(file) + " wrote " + Files.readString(file));
                mount.unmount(false);
            }
            mount.awaitUnmount();
        }
        System.out.println("unmounted");
    }
}
