package org.qsfs.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

/**
 * Random reads, writes, truncations, holes and mapped accesses on one file, each compared with a copy in memory, as fsx does:
 * {@code RandomFileOperations FILE SEED OPERATIONS}. It runs in a process that serves no mount, because it maps pages.
 */
final class RandomFileOperations {
    /** More than one extent, and pieces that cross pages and requests; small enough that a million operations do not fill a disk. */
    private static final int MAX_SIZE = 400_000;

    private static final int MAX_PIECE = 150_000;
    private static final int USUAL_PIECE = 6_000;
    private static final int KEEP_SIZE_PUNCH_HOLE = 3;
    private static final int ZERO_RANGE = 16;

    private final Path file;
    private final Random random;
    private final byte[] model = new byte[MAX_SIZE];
    private int size;
    private FileChannel channel;

    private RandomFileOperations(Path file, long seed) throws IOException {
        this.file = file;
        this.random = new Random(seed);
        this.channel = open();
    }

    public static void main(String[] arguments) throws IOException {
        RandomFileOperations run = new RandomFileOperations(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        int count = Integer.parseInt(arguments[2]);
        for (int i = 0; i < count; i++) {
            String operation = "";
            try {
                operation = run.step();
            } catch (AssertionError e) {
                throw new AssertionError("operation " + i + " of seed " + arguments[1] + ": " + e.getMessage(), e);
            }
            if (i % 1000 == 999) {
                run.compareAll(operation);
            }
        }
        run.compareAll("the end");
        System.out.println("done " + count);
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private String step() throws IOException {
        int kind = random.nextInt(100);
        int at = random.nextInt(MAX_SIZE - MAX_PIECE);
        int length = 1 + random.nextInt(random.nextInt(16) > 0 ? USUAL_PIECE : MAX_PIECE);
        if (kind < 30) {
            return write(at, length);
        } else if (kind < 60) {
            return read(at, length);
        } else if (kind < 70) {
            return truncate(at);
        } else if (kind < 78) {
            return map(at, length, true);
        } else if (kind < 86) {
            return map(at, length, false);
        } else if (kind < 92) {
            return allocate(at, length, KEEP_SIZE_PUNCH_HOLE);
        } else if (kind < 93) {
            channel.force(random.nextBoolean());
            return "fsync";
        } else if (kind < 96) {
            return allocate(at, length, ZERO_RANGE);
        }
        channel.close();
        channel = open();
        return "reopen";
    }

    private String write(int at, int length) throws IOException {
        byte[] piece = piece(length);
        if (channel.write(ByteBuffer.wrap(piece), at) != length) {
            throw new AssertionError("short write");
        }
        grow(at + length);
        System.arraycopy(piece, 0, model, at, length);
        return "write";
    }

    private byte[] piece(int length) {
        byte[] piece = new byte[length];
        random.nextBytes(piece);
        return piece;
    }

    private void grow(int end) {
        size = Math.max(size, end);
    }

    private String read(int at, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        int expected = Math.clamp(size - (long) at, 0, length);
        int read = channel.read(target, at);
        if (read != (expected == 0 ? -1 : expected)) {
            throw new AssertionError("read of %d at %d gave %d, the file has %d".formatted(length, at, read, size));
        }
        compare("read", target.array(), at, expected);
        return "read";
    }

    private void compare(String what, byte[] found, int at, int length) {
        int different = Arrays.mismatch(found, 0, length, model, at, at + length);
        if (different >= 0) {
            throw new AssertionError("%s: byte %d is %d, expected %d; size %d"
                    .formatted(what, at + different, found[different], model[at + different], size));
        }
    }

    private String truncate(int to) throws IOException {
        if (to <= size) {
            channel.truncate(to);
            Arrays.fill(model, to, MAX_SIZE, (byte) 0);
            size = to;
        }
        return "truncate";
    }

    private String map(int at, int length, boolean writes) throws IOException {
        int mapped = Math.clamp(size - (long) at, 0, length);
        if (mapped == 0) {
            return "nothing to map";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = channel.map(
                    writes ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, at, mapped, arena);
            if (writes) {
                byte[] piece = piece(mapped);
                MemorySegment.copy(piece, 0, map, ValueLayout.JAVA_BYTE, 0, mapped);
                System.arraycopy(piece, 0, model, at, mapped);
                return "mapped write";
            }
            byte[] found = map.toArray(ValueLayout.JAVA_BYTE);
            compare("mapped read", found, at, mapped);
            return "mapped read";
        }
    }

    private String allocate(int at, int length, int mode) {
        int descriptor = SystemCalls.open(file, 2);
        long answer = SystemCalls.allocate(descriptor, mode, at, length);
        org.qsfs.fuse.system.Linux.close(descriptor);
        if (answer != 0) {
            throw new AssertionError("fallocate with mode " + mode + " answered " + answer);
        }
        Arrays.fill(model, at, at + length, (byte) 0);
        if (mode == ZERO_RANGE) {
            grow(at + length);
        }
        return "fallocate";
    }

    private void compareAll(String after) throws IOException {
        if (channel.size() != size) {
            throw new AssertionError("size after " + after + " is " + channel.size() + ", expected " + size);
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        while (all.hasRemaining() && channel.read(all, all.position()) > 0) {
            continue;
        }
        compare("all after " + after, all.array(), 0, size);
    }
}
