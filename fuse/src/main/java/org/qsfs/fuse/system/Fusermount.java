package org.qsfs.fuse.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code fusermount3}, the set-user-id program that mounts and unmounts for users other than root.
 *
 * <p>To mount, it opens {@code /dev/fuse}, calls mount(2), and sends the descriptor over the socket whose number the variable {@code _FUSE_COMMFD} holds. It
 * is started with posix_spawn(3), because a process that Java starts inherits no descriptors. The message is received into:
 *
 * <pre>
 * struct msghdr, 56 bytes                      control message, 24 bytes
 * offset  size  field                          offset  size  field
 *      0     8  msg_name                            0     8  cmsg_len    20
 *      8     4  msg_namelen                         8     4  cmsg_level  SOL_SOCKET 1
 *     16     8  msg_iov                            12     4  cmsg_type   SCM_RIGHTS 1
 *     24     8  msg_iovlen                         16     4  descriptor
 *     32     8  msg_control
 *     40     8  msg_controllen
 *     48     4  msg_flags
 * </pre>
 */
public final class Fusermount {
    private static final int LIMIT_MILLIS = 30_000;
    /** Without {@code -z} the kernel first writes dirty pages back, which may take a while. */
    private static final int UNMOUNT_LIMIT_SECONDS = 120;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final short POLLIN = 1;

    /** The socket's number in the program. */
    private static final int CHILD_SOCKET = 3;

    private static final MethodHandle SOCKETPAIR =
            Linux.calling("socketpair", -1, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SPAWN = Linux.calling(
            "posix_spawn", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle ACTIONS_INIT =
            Linux.calling("posix_spawn_file_actions_init", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle ACTIONS_ADD_DUP = Linux.calling(
            "posix_spawn_file_actions_adddup2", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACTIONS_DESTROY =
            Linux.calling("posix_spawn_file_actions_destroy", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle POLL =
            Linux.calling("poll", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECVMSG =
            Linux.calling("recvmsg", -1, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WAITPID =
            Linux.calling("waitpid", -1, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    private Fusermount() {}

    private static Path find(String... names) throws IOException {
        return Stream.of(names)
                .flatMap(name ->
                        Stream.of("/usr/bin/", "/bin/", "/usr/local/bin/").map(d -> Path.of(d + name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new IOException(
                                String.join(" or ", names)
                                        + " is not installed, which mounts and unmounts for users other than root. Install it: apt-get install fuse3"));
    }

    /** @return a descriptor of {@code /dev/fuse} that is connected to the new mount */
    public static int mount(String options, Path mountpoint) throws IOException {
        Path program = find("fusermount3");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Linux.newCallState(arena);
            MemorySegment sockets = arena.allocate(JAVA_INT, 2);
            check("socketpair", (int) SOCKETPAIR.invokeExact(state, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
            int ours = sockets.getAtIndex(JAVA_INT, 0);
            int theirs = sockets.getAtIndex(JAVA_INT, 1);
            try {
                int pid;
                try {
                    pid = spawn(arena, program, List.of("-o", options, "--", mountpoint.toString()), theirs);
                } finally {
                    Linux.close(theirs);
                }
                int descriptor = receive(arena, ours);
                int ignored = (int) WAITPID.invokeExact(state, pid, arena.allocate(JAVA_INT), 0);
                if (descriptor < 0) {
                    throw new IOException(
                            program + " did not mount " + mountpoint + "; its reason is on stderr."
                                    + " The mountpoint must belong to you, and allow_other needs user_allow_other in /etc/fuse.conf");
                }
                return descriptor;
            } finally {
                Linux.close(ours);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Linux.impossible(e);
        }
    }

    private static void check(String call, int answer) throws IOException {
        if (answer != 0) {
            throw new IOException(call + " failed while mounting (answered " + answer + ")");
        }
    }

    private static int spawn(Arena arena, Path program, List<String> arguments, int socket) throws Throwable {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(arguments);
        List<String> environment = List.of("_FUSE_COMMFD=" + CHILD_SOCKET, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        MemorySegment state = Linux.newCallState(arena);
        // posix_spawn_file_actions_t has 80 bytes in glibc
        MemorySegment actions = arena.allocate(256, 8);
        check("posix_spawn_file_actions_init", (int) ACTIONS_INIT.invokeExact(state, actions));
        try {
            check("posix_spawn_file_actions_adddup2", (int)
                    ACTIONS_ADD_DUP.invokeExact(state, actions, socket, CHILD_SOCKET));
            MemorySegment pid = arena.allocate(JAVA_INT);
            check("starting " + program, (int) SPAWN.invokeExact(
                    state,
                    pid,
                    arena.allocateFrom(program.toString()),
                    actions,
                    MemorySegment.NULL,
                    vector(arena, words),
                    vector(arena, environment)));
            return pid.get(JAVA_INT, 0);
        } finally {
            int ignored = (int) ACTIONS_DESTROY.invokeExact(state, actions);
        }
    }

    private static MemorySegment vector(Arena arena, List<String> words) {
        MemorySegment vector = arena.allocate(ADDRESS, words.size() + 1L);
        for (int i = 0; i < words.size(); i++) {
            vector.setAtIndex(ADDRESS, i, arena.allocateFrom(words.get(i), StandardCharsets.UTF_8));
        }
        return vector;
    }

    /** @return the descriptor sent, or -1 when the program ended or the time is over without one */
    private static int receive(Arena arena, int socket) throws Throwable {
        MemorySegment state = Linux.newCallState(arena);
        MemorySegment waiting = arena.allocate(8, 4);
        waiting.set(JAVA_INT, 0, socket);
        waiting.set(JAVA_SHORT, 4, POLLIN);
        if ((int) POLL.invokeExact(state, waiting, 1L, LIMIT_MILLIS) != 1) {
            return -1;
        }
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, arena.allocate(1));
        vector.set(JAVA_LONG, 8, 1);
        MemorySegment control = arena.allocate(24, 8);
        MemorySegment message = arena.allocate(56, 8);
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        message.set(ADDRESS, 32, control);
        message.set(JAVA_LONG, 40, 24);
        long received = (long) RECVMSG.invokeExact(state, socket, message, MSG_CMSG_CLOEXEC);
        boolean hasDescriptor = received > 0 && control.get(JAVA_LONG, 0) == 20 && control.get(JAVA_INT, 12) == 1;
        return hasDescriptor ? control.get(JAVA_INT, 16) : -1;
    }

    /** Unmounts what this user mounted. */
    public static void unmount(Path mountpoint, boolean lazy) throws IOException {
        Path program = find("fusermount3", "fusermount");
        List<String> command = new ArrayList<>(List.of(program.toString(), "-u"));
        if (lazy) {
            command.add("-z");
        }
        command.addAll(List.of("--", mountpoint.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(UNMOUNT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(program + " -u did not end within " + UNMOUNT_LIMIT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + program + " was unmounting", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(program + " -u failed: "
                    + new String(process.getInputStream().readNBytes(2000), StandardCharsets.UTF_8).trim());
        }
    }
}
