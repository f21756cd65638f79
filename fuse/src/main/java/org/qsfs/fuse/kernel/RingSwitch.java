package org.qsfs.fuse.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's switch for FUSE over io_uring, {@code enable_uring} of the module fuse, which is off unless the administrator turns it on. It is asked while a connection is negotiated and not again, so root turns it on for that
 * moment only.
 */
final class RingSwitch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RingSwitch.class);
    private static final Path FILE = Path.of("/sys/module/fuse/parameters/enable_uring");

    /** Leaves the switch as it is. */
    static final RingSwitch NONE = new RingSwitch(false);

    private final boolean turned;

    private RingSwitch(boolean turned) {
        this.turned = turned;
    }

    /** Turns it on if it is off and we may. */
    static RingSwitch on() {
        try {
            if (Files.isWritable(FILE) && Files.readString(FILE).startsWith("N")) {
                Files.writeString(FILE, "Y");
                return new RingSwitch(true);
            }
        } catch (IOException e) {
            LOG.debug("cannot turn on FUSE over io_uring: {}", e.getMessage());
        }
        return NONE;
    }

    @Override
    public void close() {
        if (turned) {
            try {
                Files.writeString(FILE, "N");
            } catch (IOException e) {
                LOG.warn("cannot turn {} off again: {}", FILE, e.getMessage());
            }
        }
    }
}
