package org.qsfs.fuse.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's switch for FUSE over io_uring, {@code enable_uring} of the module fuse, which is off unless the administrator turns it on. It is asked while a connection is negotiated and not again, so root turns it on for that
 * moment only. One mount at a time does, of all processes: a lock on the file keeps one from turning off what another needs.
 */
final class RingSwitch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RingSwitch.class);
    private static final Path FILE = Path.of("/sys/module/fuse/parameters/enable_uring");

    /** Leaves the switch as it is. */
    static final RingSwitch NONE = new RingSwitch(null, false);

    private static final ReentrantLock MOUNTS_OF_THIS_PROCESS = new ReentrantLock();

    /** Holds the lock of the file. */
    private final @Nullable FileChannel file;

    private final boolean turned;

    private RingSwitch(@Nullable FileChannel file, boolean turned) {
        this.file = file;
        this.turned = turned;
    }

    /** Turns it on if it is off and we may. */
    static RingSwitch on() {
        if (!Files.isWritable(FILE)) {
            return NONE;
        }
        MOUNTS_OF_THIS_PROCESS.lock();
        try {
            FileChannel file = FileChannel.open(FILE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            file.lock();
            boolean off = Files.readString(FILE).startsWith("N");
            if (off) {
                set(file, "Y");
            }
            return new RingSwitch(file, off);
        } catch (IOException e) {
            MOUNTS_OF_THIS_PROCESS.unlock();
            LOG.info("cannot turn on FUSE over io_uring: {}", e.getMessage());
            return NONE;
        }
    }

    private static void set(FileChannel file, String value) throws IOException {
        file.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    @Override
    public void close() {
        if (file == null) {
            return;
        }
        try (FileChannel locked = file) {
            if (turned) {
                set(locked, "N");
            }
        } catch (IOException e) {
            LOG.warn("cannot turn {} off again: {}", FILE, e.getMessage());
        } finally {
            MOUNTS_OF_THIS_PROCESS.unlock();
        }
    }
}
