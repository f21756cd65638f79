package org.qsfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.qsfs.fuse.system.Linux;

/** The contract, and what only this binding can. */
class KernelBindingTest extends FuseBindingContract {
    private static final int EEXIST = 17;
    private static final int ENXIO = 6;
    private static final int NOREPLACE = 1;
    private static final int EXCHANGE = 2;
    private static final int WHITEOUT = 4;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    @Override
    Binding binding() {
        return Binding.KERNEL;
    }

    @Test
    void renamesWithFlags() throws Exception {
        Path a = Files.writeString(directory.resolve("a"), "a");
        Path b = Files.writeString(directory.resolve("b"), "b");
        assertThat(SystemCalls.rename(a, b, NOREPLACE)).isEqualTo(-EEXIST);
        assertThat(SystemCalls.rename(a, b, EXCHANGE)).isZero();
        assertThat(Files.readString(a)).isEqualTo("b");
        assertThat(Files.readString(b)).isEqualTo("a");
        assertThat(SystemCalls.rename(a, directory.resolve("c"), NOREPLACE)).isZero();
        assertThat(SystemCalls.rename(b, directory.resolve("d"), EXCHANGE)).isEqualTo(-Linux.ENOENT);
        assertThat(SystemCalls.rename(b, directory.resolve("d"), WHITEOUT)).isEqualTo(-Linux.EINVAL);
        assertThat(directory.resolve("c")).hasContent("b");
    }

    @Test
    void findsHolesAndData() throws IOException {
        Path file = directory.resolve("sparse");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(65_536), 1 << 20);
            channel.write(ByteBuffer.allocate(65_536), 4 << 20);
        }
        int descriptor = SystemCalls.open(file, 0);
        assertThat(SystemCalls.seek(descriptor, 0, SEEK_DATA)).isEqualTo(1 << 20);
        assertThat(SystemCalls.seek(descriptor, 1 << 20, SEEK_HOLE)).isEqualTo((1 << 20) + 65_536);
        assertThat(SystemCalls.seek(descriptor, 2 << 20, SEEK_DATA)).isEqualTo(4 << 20);
        assertThat(SystemCalls.seek(descriptor, 9 << 20, SEEK_DATA)).isEqualTo(-ENXIO);
        Linux.close(descriptor);
    }

    @Test
    void copiesRangesInsideTheFilesystem() throws IOException {
        byte[] content = bytes(700_000, 11);
        Path source = Files.write(directory.resolve("source"), content);
        Path target = directory.resolve("target");
        int from = SystemCalls.open(source, 0);
        int to = SystemCalls.open(target, 0101);
        assertThat(SystemCalls.copyRange(from, to, 1 << 20)).isEqualTo(content.length);
        assertThat(SystemCalls.copyRange(from, to, 1 << 20)).isZero();
        Linux.close(from);
        Linux.close(to);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
    }

    @Test
    void writingTakesFileCapabilitiesAway() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/setcap")), "setcap of libcap2-bin is missing");
        assertThat(
                        sh(
                                "cd \"$1\"; export PATH=$PATH:/usr/sbin; touch w t o; for f in w t o; do setcap cap_net_raw+ep $f; done; getcap w t o;"
                                        + " echo x >> w; truncate -s 3 t; exec 3>>o; setcap cap_net_raw+ep o; getcap o; echo x >&3; getcap w t o"))
                .isEqualTo("""
                w cap_net_raw=ep
                t cap_net_raw=ep
                o cap_net_raw=ep
                o cap_net_raw=ep""");
    }

    @Test
    void listsWithAttributes() throws Exception {
        for (int i = 0; i < 500; i++) {
            Files.createFile(directory.resolve("f" + i));
        }
        assertThat(sh("ls -l \"$1\" | grep -c rw-")).isEqualTo("500");
        assertThat(sh("cd \"$1\"; ls -l > /dev/null; rm f1*; ls -l | grep -c rw-"))
                .isEqualTo("389");
        assertThat(sh("cd \"$1\"; touch new; ls -U | grep -c new; ls -l | grep -c rw-"))
                .isEqualTo("1\n390");
    }
}
