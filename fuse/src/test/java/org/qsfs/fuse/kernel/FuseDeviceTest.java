package org.qsfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fuse.FuseMount;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.MountTable;

/** The way of mounting that users other than root go; the program does the same for root. */
@Timeout(60)
final class FuseDeviceTest {
    @TempDir
    Path mountpoint;

    @Test
    void fusermountPassesADescriptor() throws Exception {
        Assumptions.assumeTrue(
                Files.exists(Path.of("/dev/fuse")) && Files.isExecutable(Path.of("/usr/bin/fusermount3")),
                "/dev/fuse or fusermount3 is missing");
        int descriptor = FuseDevice.mountAsUser(MountOptions.of(mountpoint).withFsname("mine"), mountpoint);
        try {
            MountTable.Entry mount = MountTable.read().at(mountpoint).orElseThrow();
            assertThat(mount.type()).isEqualTo("fuse.qsfs");
            assertThat(mount.source()).isEqualTo("mine");
            Exchange exchange = new Exchange(Negotiation.MAX_DATA, new DeviceTransport(descriptor, false));
            assertThat(exchange.receive()).isPositive();
            assertThat(exchange.opcode()).isEqualTo(Opcode.INIT.number());
        } finally {
            Linux.close(descriptor);
        }
        assertThat(FuseMount.removeStale(mountpoint)).isTrue();
    }

    @Test
    void aFailureOfFusermountIsReported() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/fusermount3")), "fusermount3 is missing");
        Path missing = mountpoint.resolve("missing");
        assertThatThrownBy(() -> FuseDevice.mountAsUser(MountOptions.of(missing), missing))
                .isInstanceOf(MountException.class)
                .hasMessageContaining("did not mount " + missing);
    }
}
