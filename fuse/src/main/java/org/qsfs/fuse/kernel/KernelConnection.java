package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.qsfs.fs.FileSystem;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.session.Connection;
import org.qsfs.fuse.session.DirectWrites;
import org.qsfs.fuse.session.OpenFiles;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.Processors;
import org.qsfs.fuse.system.SystemCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mount's connection on {@code /dev/fuse}. Notifications that go the other way have a {@code fuse_out_header} whose {@code unique} is 0 and whose {@code error} is
 * the kind:
 *
 * <pre>
 * 2 FUSE_NOTIFY_INVAL_INODE   0 ino 8, 8 off 8, 16 len 8     len 0: to the end; off -1: attributes only
 * 3 FUSE_NOTIFY_INVAL_ENTRY   0 parent 8, 8 namelen 4, 12 flags 4, 16 name with NUL
 * </pre>
 */
public final class KernelConnection implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(KernelConnection.class);

    /** {@code _IOR(229, 0, uint32_t)} of linux/fuse.h. */
    private static final long FUSE_DEV_IOC_CLONE = 0x8004e500L;

    private static final int INVAL_INODE = 2;
    private static final int INVAL_ENTRY = 3;
    private static final int OUT_HEADER = 16;
    private static final long TO_THE_END = 0;
    private static final long NO_PAGES = -1;

    private final int descriptor;
    private final Negotiation negotiation;
    private final RequestRings rings;

    private final OpenFiles openFiles;
    private final Interrupts interrupts = new Interrupts();
    private final Dispatcher dispatcher;
    private final Queue<KernelWorker> spare = new ConcurrentLinkedQueue<>();

    private KernelConnection(
            int descriptor, Negotiation negotiation, RequestRings rings, FileSystem fileSystem, MountOptions options) {
        this.descriptor = descriptor;
        this.negotiation = negotiation;
        this.rings = rings;
        this.openFiles = new OpenFiles(fileSystem);
        // what a worker waits for may come to the queue of its own processor only
        int workers = rings.isEmpty() ? options.maxWorkers() : rings.perProcessor();
        this.dispatcher = new Dispatcher(
                fileSystem,
                openFiles,
                options,
                negotiation,
                new CollectedPages(this::invalidateInode, workers),
                this::invalidateAttributes,
                new DirectWrites(this::invalidatePages, workers),
                interrupts);
    }

    /** Mounts and negotiates; nobody answers further requests until workers are started. */
    public static KernelConnection open(FileSystem fileSystem, MountOptions options, Path mountpoint)
            throws MountException {
        RequestRings rings = RequestRings.prepare(options);
        try (RingSwitch _ = rings.isEmpty() ? RingSwitch.NONE : RingSwitch.on()) {
            return open(fileSystem, options, mountpoint, rings);
        } catch (MountException | RuntimeException e) {
            rings.close();
            throw e;
        }
    }

    private static KernelConnection open(
            FileSystem fileSystem, MountOptions options, Path mountpoint, RequestRings rings) throws MountException {
        int descriptor = FuseDevice.mount(options, mountpoint);
        try {
            Exchange exchange = new Exchange(Negotiation.MAX_DATA, new DeviceTransport(descriptor, false));
            long received = exchange.receive();
            if (received < 0 || exchange.opcode() != Opcode.INIT.number()) {
                throw new MountException("mounted " + mountpoint
                        + ", but the kernel's first request was not INIT (read gave " + received + ")");
            }
            Negotiation negotiation = Negotiation.answer(exchange, options, !rings.isEmpty());
            exchange.reply(Negotiation.REPLY_SIZE);
            LOG.debug("mounted {}: {}", mountpoint, negotiation);
            if (!negotiation.rings()) {
                rings.close();
            }
            return new KernelConnection(
                    descriptor, negotiation, negotiation.rings() ? rings : RequestRings.NONE, fileSystem, options);
        } catch (MountException e) {
            // closing the last descriptor aborts the connection; the caller takes the dead mount away
            Linux.close(descriptor);
            throw e;
        }
    }

    @Override
    public boolean isOverIoUring() {
        return !rings.isEmpty();
    }

    @Override
    public boolean awaitReady(Duration limit) throws InterruptedException {
        return rings.awaitRegistered(limit);
    }

    @Override
    public int queues() {
        return 1 + rings.processors();
    }

    @Override
    public int workersPerQueue() {
        return rings.perProcessor();
    }

    @Override
    public Worker newWorker(int queue) {
        if (queue > 0) {
            RequestRing ring = rings.take(queue - 1);
            try {
                KernelWorker worker = ringWorker(ring);
                rings.registered();
                return worker;
            } catch (SystemCallException | OutOfMemoryError e) {
                returned(ring);
                rings.refused(e);
            }
        }
        KernelWorker worker = spare.poll();
        if (worker == null) {
            Transport device = cloned();
            worker = worker(device, new Exchange(negotiation.maxWrite(), device));
        }
        return worker;
    }

    private KernelWorker ringWorker(RequestRing ring) throws SystemCallException {
        // Where the request was made: so neither caller nor worker wakes a sleeping processor.
        Processors.pin(ring.processor());
        Exchange exchange = new Exchange(negotiation.maxWrite(), ring);
        KernelWorker worker = worker(ring, exchange);
        try {
            ring.register(descriptor, exchange.body());
            return worker;
        } catch (SystemCallException e) {
            interrupts.forget(worker);
            throw e;
        }
    }

    private KernelWorker worker(Transport transport, Exchange exchange) {
        KernelWorker worker = new KernelWorker(this, dispatcher, exchange, transport);
        interrupts.concern(worker);
        return worker;
    }

    @Override
    public void tidy() {
        Processors.freeInheritors();
    }

    /** With a descriptor that has a processing queue of its own, so that workers do not share a lock; with the first one where that is refused. */
    private DeviceTransport cloned() {
        int own = Linux.open(FuseDevice.PATH, Linux.O_RDWR);
        if (own < 0) {
            return new DeviceTransport(descriptor, false);
        }
        try (Arena arena = Arena.ofConfined()) {
            if (Linux.ioctl(own, FUSE_DEV_IOC_CLONE, arena.allocateFrom(JAVA_INT, descriptor)) < 0) {
                Linux.close(own);
                return new DeviceTransport(descriptor, false);
            }
            return new DeviceTransport(own, true);
        }
    }

    /** A thread ended; the buffer and the descriptor of one that used the device wait for the next one. */
    void returned(KernelWorker worker) {
        if (worker.transport() instanceof RequestRing ring) {
            returned(ring);
            interrupts.forget(worker);
        } else {
            spare.add(worker);
        }
    }

    private static void returned(RequestRing ring) {
        ring.close();
        Processors.unpin();
    }

    @Override
    public OpenFiles openFiles() {
        return openFiles;
    }

    @Override
    public void invalidateInode(long inode) {
        invalidatePages(inode, 0, TO_THE_END);
    }

    @Override
    public void invalidateAttributes(long inode) {
        invalidatePages(inode, NO_PAGES, 0);
    }

    private void invalidatePages(long inode, long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment body = arena.allocate(24, 8);
            body.set(JAVA_LONG, 0, inode);
            body.set(JAVA_LONG, 8, offset);
            body.set(JAVA_LONG, 16, length);
            notify(arena, INVAL_INODE, body);
        }
    }

    @Override
    public void invalidateName(long directory, byte[] name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment body = arena.allocate(16 + name.length + 1, 8);
            body.set(JAVA_LONG, 0, directory);
            body.set(JAVA_INT, 8, name.length);
            MemorySegment.copy(name, 0, body, JAVA_BYTE, 16, name.length);
            notify(arena, INVAL_ENTRY, body);
        }
    }

    /** An answer of ENOENT means that the kernel does not remember it anyway. */
    private void notify(Arena arena, int kind, MemorySegment body) {
        long total = OUT_HEADER + body.byteSize();
        MemorySegment message = arena.allocate(total, 8);
        message.set(JAVA_INT, 0, (int) total);
        message.set(JAVA_INT, 4, kind);
        MemorySegment.copy(body, 0, message, OUT_HEADER, body.byteSize());
        long answer = Linux.write(descriptor, message, total, Linux.newCallState(arena));
        if (answer < 0 && answer != -Linux.ENOENT) {
            LOG.debug("the kernel refused notification {}: error number {}", kind, -answer);
        }
    }

    @Override
    public void release() {
        for (KernelWorker worker = spare.poll(); worker != null; worker = spare.poll()) {
            worker.transport().close();
        }
        rings.close();
        tidy();
        Linux.close(descriptor);
    }
}
