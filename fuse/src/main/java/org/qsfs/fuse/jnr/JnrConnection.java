package org.qsfs.fuse.jnr;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.qsfs.fs.FileSystem;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.session.Connection;
import org.qsfs.fuse.session.OpenFiles;
import org.qsfs.fuse.system.Linux;

/** A session of libfuse 2 on one mountpoint. */
public final class JnrConnection implements Connection {
    private static final long TO_THE_END = 0;
    private static final String LIBRARY = "libfuse.so.2";

    private final LibFuse2 library;
    private final Runtime runtime;
    private final long channel;
    private final long session;
    private final int requestBytes;

    private final OpenFiles openFiles;

    /** Keeps the callbacks reachable: native code calls them as long as the session lives. */
    private final LowLevelOperations table;

    private final List<JnrWorker> workers = new CopyOnWriteArrayList<>();
    /** One object, so that jnr-ffi makes one native function of it. */
    private final LowLevelCallbacks.Interrupt interrupted = this::interrupted;

    private final Queue<JnrWorker> spare = new ConcurrentLinkedQueue<>();

    private JnrConnection(LibFuse2 library, FileSystem fileSystem, MountOptions options, Path mountpoint)
            throws MountException {
        this.library = library;
        this.runtime = Runtime.getRuntime(library);
        this.openFiles = new OpenFiles(fileSystem);
        this.table = new JnrOperations(fileSystem, this, options).table(runtime);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocateFrom(mountpoint.toString());
            MemorySegment arguments = arguments(arena, mountOptions(options));
            channel = library.fuse_mount(target.address(), arguments.address());
            if (channel == 0) {
                throw new MountException("libfuse could not mount " + mountpoint
                        + " (its reason is on stderr); check that /dev/fuse is there and, without root, that fusermount is installed"
                        + " and allow_other, if asked for, is permitted by user_allow_other in /etc/fuse.conf");
            }
            MemorySegment settings = arguments(arena, sessionOptions(options));
            Pointer tableMemory = Struct.getMemory(table);
            session = library.fuse_lowlevel_new(settings.address(), tableMemory.address(), Struct.size(table), 0);
            if (session == 0) {
                library.fuse_unmount(target.address(), channel);
                throw new MountException(
                        "libfuse could not make a session for " + mountpoint + "; its reason is on stderr");
            }
        }
        library.fuse_session_add_chan(session, channel);
        requestBytes = (int) library.fuse_chan_bufsize(channel);
    }

    /** Mounts; nobody answers until workers are started. */
    public static JnrConnection open(FileSystem fileSystem, MountOptions options, Path mountpoint)
            throws MountException {
        if (!Files.exists(Path.of("/dev/fuse"))) {
            throw new MountException(
                    "/dev/fuse does not exist: the kernel module fuse is not loaded (modprobe fuse), or this container was not given the device (--device /dev/fuse --cap-add SYS_ADMIN)");
        }
        LibFuse2 library;
        try {
            library = LibraryLoader.create(LibFuse2.class).failImmediately().load(LIBRARY);
        } catch (UnsatisfiedLinkError e) {
            throw new MountException(
                    LIBRARY
                            + " is not installed, which the jnr binding needs. Install it (apt-get install fuse3 libfuse2), or use the kernel binding",
                    e);
        }
        return new JnrConnection(library, fileSystem, options, mountpoint);
    }

    private static List<String> mountOptions(MountOptions options) {
        List<String> list = new ArrayList<>(List.of(
                "default_permissions",
                "max_read=" + JnrWorker.REPLY_BYTES,
                "subtype=qsfs",
                "fsname=" + options.fsname()));
        if (Linux.isRoot()) {
            list.addAll(List.of("suid", "dev"));
        }
        if (options.allowOther()) {
            list.add("allow_other");
        }
        if (options.readOnly()) {
            list.add("ro");
        }
        if (options.allowNonEmpty()) {
            list.add("nonempty");
        }
        return list;
    }

    private static List<String> sessionOptions(MountOptions options) {
        List<String> list =
                new ArrayList<>(List.of("big_writes", "max_write=" + JnrWorker.REPLY_BYTES, "atomic_o_trunc"));
        if (options.debug()) {
            list.add("debug");
        }
        return list;
    }

    /** {@code struct fuse_args}: argc 4, padding 4, argv 8, allocated 4. */
    private static MemorySegment arguments(Arena arena, List<String> options) {
        List<String> words = List.of("qsfs", "-o", String.join(",", options));
        MemorySegment vector = arena.allocate(ValueLayout.ADDRESS, words.size() + 1);
        for (int i = 0; i < words.size(); i++) {
            vector.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(words.get(i), StandardCharsets.UTF_8));
        }
        MemorySegment arguments = arena.allocate(24, 8);
        arguments.set(ValueLayout.JAVA_INT, 0, words.size());
        arguments.set(ValueLayout.ADDRESS, 8, vector);
        return arguments;
    }

    @Override
    public Worker newWorker(int queue) {
        JnrWorker worker = spare.poll();
        if (worker == null) {
            worker = new JnrWorker(this, requestBytes);
            workers.add(worker);
        }
        return worker;
    }

    /** A request, named by the address of its {@code fuse_req}, begins to wait. libfuse keeps the address while it calls {@link #interrupted}. */
    void watch(long request) {
        library.fuse_req_interrupt_func(request, interrupted, 0);
    }

    private void interrupted(long request, long data) {
        for (JnrWorker worker : workers) {
            if (worker.interruption().interrupt(request)) {
                return;
            }
        }
    }

    /** A thread ended; its buffers wait for the next one. */
    void returned(JnrWorker worker) {
        spare.add(worker);
    }

    LibFuse2 library() {
        return library;
    }

    Runtime runtime() {
        return runtime;
    }

    long channel() {
        return channel;
    }

    long session() {
        return session;
    }

    @Override
    public OpenFiles openFiles() {
        return openFiles;
    }

    @Override
    public void invalidateInode(long inode) {
        invalidatePages(inode, 0, TO_THE_END);
    }

    void invalidatePages(long inode, long offset, long length) {
        library.fuse_lowlevel_notify_inval_inode(channel, inode, offset, length);
    }

    @Override
    public void invalidateAttributes(long inode) {
        library.fuse_lowlevel_notify_inval_inode(channel, inode, -1, 0);
    }

    @Override
    public void invalidateName(long directory, byte[] name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, name);
            library.fuse_lowlevel_notify_inval_entry(channel, directory, copy.address(), name.length);
        }
    }

    @Override
    public void release() {
        try {
            library.fuse_session_destroy(session);
        } finally {
            Reference.reachabilityFence(table);
        }
        spare.clear();
    }
}
