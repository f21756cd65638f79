package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.offload.MemorySegmentStore;
import org.qsfs.fs.offload.Volume;
import org.qsfs.fs.offload.VolumeConfig;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.FuseMount;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.MountedFileSystem;

/** A mounted volume whose segments are stored, in memory: it can be evicted, and mounted again. */
final class StoredMount {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MemorySegmentStore store = new MemorySegmentStore();
    private final VolumeConfig config;
    private final Binding binding;
    private final Path root;
    private Volume volume;
    private MountedFileSystem mount;

    /** @param directory holds the volume and its mountpoint {@code mnt} */
    StoredMount(Path directory, Binding binding) throws Exception {
        this(directory, binding, 1L << 30);
    }

    /** @param maxNotStored bytes that may wait for their upload before writers are held back */
    StoredMount(Path directory, Binding binding, long maxNotStored) throws Exception {
        this.binding = binding;
        this.root = Files.createDirectories(directory.resolve("mnt"));
        this.config = VolumeConfig.of(directory.resolve("volume"), "test", VolumeId.random())
                .with(new VolumeConfig.Segments(1 << 20, Duration.ofMinutes(15), 2))
                .with(new VolumeConfig.Space(1L << 30, maxNotStored, 16 << 20))
                .with(new VolumeConfig.Memory(8, 8 << 20));
        open();
    }

    private void open() throws Exception {
        volume = Volume.open(config, store, 1, Volume.Start.RESUME);
        mount = FuseMount.mount(volume.fileSystem(), MountOptions.of(root).withBinding(binding));
    }

    Path root() {
        return root;
    }

    /** The backends. */
    MemorySegmentStore backends() {
        return store;
    }

    /** Unmounts and mounts again; nobody may have anything open. */
    void remount() throws Exception {
        mount.unmount(false);
        assertThat(mount.awaitUnmount(PATIENCE)).isTrue();
        volume.close();
        open();
    }

    /** Stores everything and drops all local copies, those in the kernel's cache of the given inodes included. */
    void evict(List<Long> inodes) throws Exception {
        mount.writeBack();
        assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
        assertThat(volume.evictAll().kept()).isZero();
        inodes.forEach(mount::invalidateInode);
    }

    void close() throws IOException {
        try {
            List<Object> findings = new ArrayList<>();
            mount.writeBack();
            volume.check(true, findings::add);
            assertThat(findings).isEmpty();
            mount.close();
        } catch (org.qsfs.fs.FsException | org.qsfs.fuse.MountException e) {
            throw new IOException(e);
        } finally {
            volume.close();
        }
    }
}
