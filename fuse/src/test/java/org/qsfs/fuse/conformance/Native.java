package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Functions of the C library, by name. A result that is negative is a negated error number. */
@SuppressWarnings("restricted")
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    /** Functions with variable arguments, and how many are fixed. */
    private static final Map<String, Integer> VARIADIC =
            Map.of("open", 2, "openat", 3, "fcntl", 2, "syscall", 1, "ioctl", 2, "mremap", 4);

    private static final Set<String> WIDE = Set.of(
            "lseek",
            "read",
            "write",
            "pread",
            "pwrite",
            "readlink",
            "getxattr",
            "listxattr",
            "lgetxattr",
            "copy_file_range",
            "getdents64",
            "mmap",
            "pwritev",
            "preadv",
            "sendfile",
            "splice",
            "tee",
            "vmsplice",
            "readv",
            "writev",
            "preadv2",
            "pwritev2",
            "readahead",
            "readlinkat",
            "flistxattr",
            "mremap",
            "syscall");

    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
    private static final long SET_GROUPS = ARM ? 159 : 116;
    private static final long SET_USER = ARM ? 147 : 117;
    private static final long SET_GROUP = ARM ? 149 : 119;
    private static final int CLONE_FS = 0x200;

    private static final Map<String, MethodHandle> HANDLES = new ConcurrentHashMap<>();

    private Native() {}

    /** Who makes a call: all four user ids and group ids, and the supplementary groups. */
    record User(int uid, int gid, int... groups) {
        static final User ROOT = new User(0, 0);

        boolean isRoot() {
            return uid == 0;
        }
    }

    /** Arguments are integers, longs, addresses and strings. */
    static long call(User user, String function, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            for (int i = 0; i < arguments.length; i++) {
                all[i + 1] = switch (arguments[i]) {
                    case String text -> arena.allocateFrom(text);
                    case byte[] bytes -> arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                    default -> arguments[i];
                };
            }
            MethodHandle handle = handle(function, all);
            // nothing between the two changes of identity may load a class: its file may belong to root
            become(user, arena);
            Number result;
            int errno;
            try {
                result = (Number) handle.invokeWithArguments(all);
                errno = (int) ERRNO.get(state, 0L);
            } finally {
                returnToRoot(user);
            }
            return result.longValue() == -1 ? -errno : result.longValue();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static MethodHandle handle(String function, Object[] arguments) {
        StringBuilder signature = new StringBuilder(function);
        MemoryLayout[] layouts = new MemoryLayout[arguments.length - 1];
        for (int i = 1; i < arguments.length; i++) {
            layouts[i - 1] = switch (arguments[i]) {
                case Integer _ -> JAVA_INT;
                case Long _ -> JAVA_LONG;
                default -> ADDRESS;
            };
            signature.append(' ').append(layouts[i - 1]);
        }
        return HANDLES.computeIfAbsent(signature.toString(), _ -> {
            FunctionDescriptor descriptor =
                    FunctionDescriptor.of(WIDE.contains(function) ? JAVA_LONG : JAVA_INT, layouts);
            Linker.Option errno = Linker.Option.captureCallState("errno");
            MemorySegment address = LINKER.defaultLookup().findOrThrow(function);
            Integer fixed = VARIADIC.get(function);
            return fixed == null
                    ? LINKER.downcallHandle(address, descriptor, errno)
                    : LINKER.downcallHandle(address, descriptor, errno, Linker.Option.firstVariadicArg(fixed));
        });
    }

    private static final MethodHandle SYSTEM_CALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    /** The system calls themselves change this thread alone; the C library's functions would change all. Saved ids stay root's. */
    private static void become(User user, Arena arena) throws Throwable {
        if (!user.isRoot()) {
            MemorySegment groups = arena.allocateFrom(JAVA_INT, user.groups());
            set(SET_GROUPS, user.groups().length, groups.address(), 0);
            set(SET_GROUP, user.gid(), user.gid(), 0);
            set(SET_USER, user.uid(), user.uid(), 0);
        }
    }

    private static void returnToRoot(User user) throws Throwable {
        if (!user.isRoot()) {
            set(SET_USER, 0, 0, 0);
            set(SET_GROUP, 0, 0, 0);
            set(SET_GROUPS, 0, 0, 0);
        }
    }

    private static void set(long number, long first, long second, long third) throws Throwable {
        if ((long) SYSTEM_CALL.invokeExact(number, first, second, third) != 0) {
            throw new AssertionError("system call " + number + " to change the user failed");
        }
    }

    /** Gives the calling thread a umask of its own. */
    static void unshare() {
        if (call(User.ROOT, "unshare", CLONE_FS) != 0) {
            throw new AssertionError("unshare(CLONE_FS) failed");
        }
    }

    static boolean isSuperuser() {
        return call(User.ROOT, "geteuid") == 0;
    }
}
