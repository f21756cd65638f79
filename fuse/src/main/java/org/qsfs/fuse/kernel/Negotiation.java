package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;

/**
 * What kernel and binding agreed on in INIT, the first request of a mount.
 *
 * <pre>
 * struct fuse_init_in                          struct fuse_init_out, 64 bytes
 * offset  size  field                          offset  size  field
 *      0     4  major                               0     4  major
 *      4     4  minor                               4     4  minor
 *      8     4  max_readahead                       8     4  max_readahead
 *     12     4  flags   low 32                     12     4  flags   those offered and wanted
 *     16     4  flags2  high 32                    16     2  max_background
 *                                                  18     2  congestion_threshold
 *                                                  20     4  max_write      bytes
 *                                                  24     4  time_gran      nanoseconds
 *                                                  28     2  max_pages
 *                                                  30     2  map_alignment
 *                                                  32     4  flags2
 *                                                  36    28  unused
 * </pre>
 *
 * With {@code FUSE_POSIX_ACL} the kernel reads access control lists of the inodes it checks (for callers other than the owner) and leaves the umask to us where a
 * directory has a default list. With {@code FUSE_EXPORT_SUPPORT} it looks up "." and ".." of inodes that it has forgotten, see {@link org.qsfs.fuse.session.Lookup}. Locks are not asked for ({@code FUSE_POSIX_LOCKS}, {@code FUSE_FLOCK_LOCKS}): one kernel sees all users of a volume and keeps them itself.
 *
 * @param writeback the kernel collects writes and owns size and modification time of regular files
 * @param mapsDirect files that were opened with O_DIRECT may be mapped even where every read and write of theirs is passed on
 * @param rings requests come by a {@link RequestRing} for each processor as soon as all are there; until then the kernel holds them back
 * @param killsPrivileges we, not the kernel, clear set-user-id, set-group-id and file capabilities; it then need not ask for {@code security.capability}
 *     before every write
 */
record Negotiation(
        int major,
        int minor,
        int maxWrite,
        boolean writeback,
        boolean mapsDirect,
        boolean rings,
        boolean killsPrivileges) {
    static final int REPLY_SIZE = 64;

    /** File data in one request: 256 pages, what {@code fs.fuse.max_pages_limit} allows by default. */
    static final int MAX_DATA = 1 << 20;

    private static final int MAJOR = 7;
    private static final int MINOR = 38;
    /** Older kernels (before Linux 4.20) lack {@code max_pages} and have shorter structs. */
    private static final int MIN_MINOR = 28;

    private static final int PAGE = 4096;

    private static final int ASYNC_READ = 1;
    private static final int ATOMIC_O_TRUNC = 1 << 3;
    private static final int EXPORT_SUPPORT = 1 << 4;
    private static final int BIG_WRITES = 1 << 5;
    private static final int DONT_MASK = 1 << 6;
    private static final int AUTO_INVAL_DATA = 1 << 12;
    private static final int DO_READDIRPLUS = 1 << 13;
    private static final int READDIRPLUS_AUTO = 1 << 14;
    private static final int ASYNC_DIO = 1 << 15;
    private static final int WRITEBACK_CACHE = 1 << 16;
    private static final int PARALLEL_DIROPS = 1 << 18;
    private static final int POSIX_ACL = 1 << 20;
    private static final int MAX_PAGES = 1 << 22;
    private static final int CACHE_SYMLINKS = 1 << 23;
    private static final int HANDLE_KILLPRIV_V2 = 1 << 28;
    private static final int INIT_EXT = 1 << 30;
    /** In the high 32 bits. */
    private static final int DIRECT_IO_ALLOW_MMAP = 1 << 4;

    private static final int OVER_IO_URING = 1 << 9;

    /**
     * Reads the request and writes the body of the reply.
     *
     * @param rings whether we can serve rings
     */
    static Negotiation answer(Exchange exchange, MountOptions options, boolean rings) throws MountException {
        int major = exchange.intAt(0);
        int minor = exchange.intAt(4);
        if (major != MAJOR || minor < MIN_MINOR) {
            throw new MountException("the kernel speaks FUSE " + major + "." + minor + ", the kernel binding needs 7."
                    + MIN_MINOR + " or later (Linux 4.20). Use the jnr binding.");
        }
        int readahead = exchange.intAt(8);
        int offered = exchange.intAt(12);
        int wanted = ASYNC_READ
                | ATOMIC_O_TRUNC
                | EXPORT_SUPPORT
                | BIG_WRITES
                | DONT_MASK
                | DO_READDIRPLUS
                | READDIRPLUS_AUTO
                | ASYNC_DIO
                | PARALLEL_DIROPS
                | POSIX_ACL
                | MAX_PAGES
                | HANDLE_KILLPRIV_V2
                | INIT_EXT
                | (options.keepPages() ? CACHE_SYMLINKS : AUTO_INVAL_DATA)
                | (options.writebackCache() ? WRITEBACK_CACHE : 0);
        int agreed = offered & wanted;
        int wantedHigh = DIRECT_IO_ALLOW_MMAP | (rings ? OVER_IO_URING : 0);
        int agreedHigh = (offered & INIT_EXT) != 0 ? exchange.intAt(16) & wantedHigh : 0;
        int maxWrite = (agreed & MAX_PAGES) != 0 ? MAX_DATA : 32 * PAGE;
        MemorySegment reply = exchange.body();
        reply.asSlice(0, REPLY_SIZE).fill((byte) 0);
        reply.set(JAVA_INT, 0, MAJOR);
        reply.set(JAVA_INT, 4, MINOR);
        reply.set(JAVA_INT, 8, readahead);
        reply.set(JAVA_INT, 12, agreed);
        // background requests are read-ahead and write-back; the kernel's 12 starve a device of 1 MiB requests
        reply.set(JAVA_SHORT, 16, (short) 64);
        reply.set(JAVA_SHORT, 18, (short) 48);
        reply.set(JAVA_INT, 20, maxWrite);
        reply.set(JAVA_INT, 24, 1);
        reply.set(JAVA_SHORT, 28, (short) (MAX_DATA / PAGE));
        reply.set(JAVA_INT, 32, agreedHigh);
        return new Negotiation(
                major,
                minor,
                maxWrite,
                (agreed & WRITEBACK_CACHE) != 0,
                (agreedHigh & DIRECT_IO_ALLOW_MMAP) != 0,
                (agreedHigh & OVER_IO_URING) != 0,
                (agreed & HANDLE_KILLPRIV_V2) != 0);
    }
}
