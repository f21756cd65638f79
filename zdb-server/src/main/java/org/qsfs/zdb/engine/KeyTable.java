package org.qsfs.zdb.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a user-mode namespace in memory: 25 bytes + key, rounded up to 4, and 6 to 12 bytes of hash table per key.
 *
 * <p>All of that is outside the Java heap, so the number of keys does not have to fit into what a backend's heap was set to; it
 * is given back when the table is garbage. Entries lie in chunks of 64 KiB, addressed in words of 4 bytes; the hash table
 * is one array of addresses with linear probing. A removed entry is reused by the next key of the same size. The hash is seeded, so that clients cannot choose
 * keys that collide.
 *
 * <pre>
 *  0  4  file number (index and data)     16  4  checksum
 *  4  4  offset in the data file          20  4  offset in the index file
 *  8  4  length of the value              24  1  key length
 * 12  4  timestamp                        25  k  key
 * </pre>
 *
 * <p>Not thread-safe: the store's lock guards it.
 */
final class KeyTable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_BYTES = 1 << CHUNK_BITS;
    private static final int FIRST_BYTES = CHUNK_BYTES >> 4;
    private static final int KEY_LENGTH_AT = 24;
    private static final int KEY_AT = 25;
    private static final int LARGEST_WORDS = words(255);

    private final long seed = RandomGenerator.getDefault().nextLong();
    /** Addresses of entries; 0 = empty. */
    private MemorySegment slots;

    /** A power of two. */
    private int slotCount = 64;

    private int size;
    private MemorySegment[] chunks = new MemorySegment[4];
    private int chunkCount;
    private int chunkUsed = CHUNK_BYTES;
    /** First free entry for each size in words; a free entry begins with the address of the next. */
    private final int[] free = new int[LARGEST_WORDS + 1];

    KeyTable() {
        slots = memory(4L * slotCount);
    }

    /** Zeroed memory outside the heap that lives as long as somebody refers to it. */
    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, 8);
    }

    private int slot(int at) {
        return slots.getAtIndex(ValueLayout.JAVA_INT, at);
    }

    private void slot(int at, int address) {
        slots.setAtIndex(ValueLayout.JAVA_INT, at, address);
    }

    int size() {
        return size;
    }

    /** Bytes of memory that the table takes. */
    long memoryBytes() {
        return (chunkCount == 0 ? 0 : chunks[0].byteSize() + (chunkCount - 1L) * CHUNK_BYTES) + 4L * slotCount;
    }

    @Nullable
    Version find(byte[] key) {
        int address = slot(slotOf(key));
        return address == 0 ? null : version(address);
    }

    /**
     * Makes sure that a key of this length can be put, so that {@link #put} does not fail.
     *
     * @throws IOException when there is no memory for it
     */
    void reserve(int keyLength) throws IOException {
        try {
            if (isTooFull()) {
                grow();
            }
            if (free[words(keyLength)] == 0) {
                makeRoom(4 * words(keyLength));
            }
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    "no memory for another key: %d keys take %d bytes outside the heap; allow more with -XX:MaxDirectMemorySize, for qsfs in QSFS_JAVA_OPTS"
                            .formatted(size, memoryBytes()),
                    e);
        }
    }

    private boolean isTooFull() {
        return 3L * (size + 1) > 2L * slotCount;
    }

    /** Inserts or replaces. */
    void put(byte[] key, Version v) {
        int slot = slotOf(key);
        int address = slot(slot);
        if (address == 0) {
            if (isTooFull()) {
                grow();
                slot = slotOf(key);
            }
            address = allocate(words(key.length));
            MemorySegment chunk = chunk(address);
            int at = offset(address);
            chunk.set(BYTE, at + KEY_LENGTH_AT, (byte) key.length);
            MemorySegment.copy(key, 0, chunk, BYTE, at + KEY_AT, key.length);
            slot(slot, address);
            size++;
        }
        MemorySegment chunk = chunk(address);
        int at = offset(address);
        chunk.set(INT, at, v.dataFile());
        chunk.set(INT, at + 4, v.dataOffset());
        chunk.set(INT, at + 8, v.length());
        chunk.set(INT, at + 12, v.timestamp());
        chunk.set(INT, at + 16, v.crc());
        chunk.set(INT, at + 20, v.indexOffset());
    }

    /** Removes a key; false when it is not there. */
    boolean remove(byte[] key) {
        int slot = slotOf(key);
        int address = slot(slot);
        if (address == 0) {
            return false;
        }
        int words = words(key.length);
        chunk(address).set(INT, offset(address), free[words]);
        free[words] = address;
        size--;
        closeGap(slot);
        return true;
    }

    /** Moves later entries of the probe sequence back, so that it has no hole. */
    private void closeGap(int emptied) {
        int mask = slotCount - 1;
        int hole = emptied;
        slot(hole, 0);
        for (int at = (hole + 1) & mask; slot(at) != 0; at = (at + 1) & mask) {
            int home = hashOf(slot(at)) & mask;
            // it may move when the hole is between its home and where it is, cyclically
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                slot(hole, slot(at));
                slot(at, 0);
                hole = at;
            }
        }
    }

    private Version version(int address) {
        MemorySegment chunk = chunk(address);
        int at = offset(address);
        int file = chunk.get(INT, at);
        return new Version(
                file,
                chunk.get(INT, at + 20),
                file,
                chunk.get(INT, at + 4),
                chunk.get(INT, at + 8),
                chunk.get(INT, at + 12),
                chunk.get(INT, at + 16));
    }

    /** The slot that holds the key, or the empty one where it belongs. */
    private int slotOf(byte[] key) {
        int mask = slotCount - 1;
        MemorySegment bytes = MemorySegment.ofArray(key);
        int at = hash(bytes, 0, key.length) & mask;
        while (slot(at) != 0 && !isKey(slot(at), bytes)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private boolean isKey(int address, MemorySegment key) {
        MemorySegment chunk = chunk(address);
        int at = offset(address);
        long length = key.byteSize();
        return (chunk.get(BYTE, at + KEY_LENGTH_AT) & 0xff) == length
                && MemorySegment.mismatch(chunk, at + KEY_AT, at + KEY_AT + length, key, 0, length) < 0;
    }

    private void grow() {
        MemorySegment old = slots;
        int oldCount = slotCount;
        if (oldCount >= 1 << 29) {
            throw new OutOfMemoryError("a namespace holds " + size + " keys, which is the most there can be");
        }
        slots = memory(8L * oldCount);
        slotCount = 2 * oldCount;
        int mask = slotCount - 1;
        for (int i = 0; i < oldCount; i++) {
            int address = old.getAtIndex(ValueLayout.JAVA_INT, i);
            if (address != 0) {
                int at = hashOf(address) & mask;
                while (slot(at) != 0) {
                    at = (at + 1) & mask;
                }
                slot(at, address);
            }
        }
    }

    private int allocate(int words) {
        int address = free[words];
        if (address != 0) {
            free[words] = chunk(address).get(INT, offset(address));
            return address;
        }
        makeRoom(4 * words);
        // + 1 keeps 0 for "none"; addresses are unsigned
        address = ((chunkCount - 1) << (CHUNK_BITS - 2) | chunkUsed >>> 2) + 1;
        chunkUsed += 4 * words;
        return address;
    }

    /** The first chunk grows from small, because most namespaces of a filesystem hold few keys. */
    private void makeRoom(int bytes) {
        if (chunkUsed + bytes > CHUNK_BYTES) {
            if (chunkCount == chunks.length) {
                chunks = Arrays.copyOf(chunks, 2 * chunkCount);
            }
            chunks[chunkCount] = memory(chunkCount == 0 ? FIRST_BYTES : CHUNK_BYTES);
            chunkCount++;
            chunkUsed = 0;
        } else if (chunkCount == 1 && chunkUsed + bytes > chunks[0].byteSize()) {
            chunks[0] = memory(4 * chunks[0].byteSize()).copyFrom(chunks[0]);
        }
    }

    private MemorySegment chunk(int address) {
        return chunks[(address - 1) >>> (CHUNK_BITS - 2)];
    }

    private static int offset(int address) {
        return ((address - 1) << 2) & (CHUNK_BYTES - 1);
    }

    private static int words(int keyLength) {
        return (KEY_AT + keyLength + 3) >>> 2;
    }

    private int hashOf(int address) {
        MemorySegment chunk = chunk(address);
        int at = offset(address);
        return hash(chunk, at + KEY_AT, chunk.get(BYTE, at + KEY_LENGTH_AT) & 0xff);
    }

    private int hash(MemorySegment bytes, int from, int length) {
        long h = seed ^ length;
        int at = from;
        int end = from + length;
        for (; at + 8 <= end; at += 8) {
            h = mix(h ^ bytes.get(LONG, at));
        }
        long tail = 0;
        for (; at < end; at++) {
            tail = tail << 8 | (bytes.get(BYTE, at) & 0xff);
        }
        return (int) mix(h ^ tail);
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }
}
