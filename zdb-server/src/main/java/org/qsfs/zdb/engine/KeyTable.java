package org.qsfs.zdb.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a user-mode namespace in memory: 25 bytes + key, rounded up to 4, and 6 to 12 bytes of hash table per key.
 *
 * <p>Entries lie in chunks of 64 KiB, addressed in words of 4 bytes; the hash table is one array of addresses with linear
 * probing. A removed entry is reused by the next key of the same size. The hash is seeded, so that clients cannot choose
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
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_BYTES = 1 << CHUNK_BITS;
    private static final int KEY_LENGTH_AT = 24;
    private static final int KEY_AT = 25;
    private static final int LARGEST_WORDS = words(255);

    private final long seed = RandomGenerator.getDefault().nextLong();
    /** Addresses of entries; 0 = empty. The length is a power of two. */
    private int[] slots = new int[64];

    private int size;
    private byte[][] chunks = new byte[4][];
    private int chunkCount;
    private int chunkUsed = CHUNK_BYTES;
    /** First free entry for each size in words; a free entry begins with the address of the next. */
    private final int[] free = new int[LARGEST_WORDS + 1];

    int size() {
        return size;
    }

    /** Bytes of memory that the table takes. */
    long memoryBytes() {
        return (long) chunkCount * CHUNK_BYTES + 4L * slots.length;
    }

    @Nullable
    Version find(byte[] key) {
        int address = slots[slotOf(key)];
        return address == 0 ? null : version(address);
    }

    /** Inserts or replaces. */
    void put(byte[] key, Version v) {
        int slot = slotOf(key);
        int address = slots[slot];
        if (address == 0) {
            if (3 * (size + 1) > 2 * slots.length) {
                grow();
                slot = slotOf(key);
            }
            address = allocate(words(key.length));
            byte[] chunk = chunk(address);
            int at = offset(address);
            chunk[at + KEY_LENGTH_AT] = (byte) key.length;
            System.arraycopy(key, 0, chunk, at + KEY_AT, key.length);
            slots[slot] = address;
            size++;
        }
        byte[] chunk = chunk(address);
        int at = offset(address);
        INT.set(chunk, at, v.dataFile());
        INT.set(chunk, at + 4, v.dataOffset());
        INT.set(chunk, at + 8, v.length());
        INT.set(chunk, at + 12, v.timestamp());
        INT.set(chunk, at + 16, v.crc());
        INT.set(chunk, at + 20, v.indexOffset());
    }

    /** Removes a key; false when it is not there. */
    boolean remove(byte[] key) {
        int slot = slotOf(key);
        int address = slots[slot];
        if (address == 0) {
            return false;
        }
        int words = words(key.length);
        INT.set(chunk(address), offset(address), free[words]);
        free[words] = address;
        size--;
        closeGap(slot);
        return true;
    }

    /** Moves later entries of the probe sequence back, so that it has no hole. */
    private void closeGap(int emptied) {
        int mask = slots.length - 1;
        int hole = emptied;
        slots[hole] = 0;
        for (int at = (hole + 1) & mask; slots[at] != 0; at = (at + 1) & mask) {
            int home = hashOf(slots[at]) & mask;
            // it may move when the hole is between its home and where it is, cyclically
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                slots[hole] = slots[at];
                slots[at] = 0;
                hole = at;
            }
        }
    }

    private Version version(int address) {
        byte[] chunk = chunk(address);
        int at = offset(address);
        int file = (int) INT.get(chunk, at);
        return new Version(
                file,
                (int) INT.get(chunk, at + 20),
                file,
                (int) INT.get(chunk, at + 4),
                (int) INT.get(chunk, at + 8),
                (int) INT.get(chunk, at + 12),
                (int) INT.get(chunk, at + 16));
    }

    /** The slot that holds the key, or the empty one where it belongs. */
    private int slotOf(byte[] key) {
        int mask = slots.length - 1;
        int at = hash(key, 0, key.length) & mask;
        while (slots[at] != 0 && !isKey(slots[at], key)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private boolean isKey(int address, byte[] key) {
        byte[] chunk = chunk(address);
        int at = offset(address);
        return (chunk[at + KEY_LENGTH_AT] & 0xff) == key.length
                && Arrays.equals(chunk, at + KEY_AT, at + KEY_AT + key.length, key, 0, key.length);
    }

    private void grow() {
        int[] old = slots;
        if (old.length >= 1 << 29) {
            throw new IllegalStateException("a namespace holds " + size + " keys, which is the most there can be");
        }
        slots = new int[2 * old.length];
        int mask = slots.length - 1;
        for (int address : old) {
            if (address != 0) {
                int at = hashOf(address) & mask;
                while (slots[at] != 0) {
                    at = (at + 1) & mask;
                }
                slots[at] = address;
            }
        }
    }

    private int allocate(int words) {
        int address = free[words];
        if (address != 0) {
            free[words] = (int) INT.get(chunk(address), offset(address));
            return address;
        }
        if (chunkUsed + 4 * words > CHUNK_BYTES) {
            if (chunkCount == chunks.length) {
                chunks = Arrays.copyOf(chunks, 2 * chunkCount);
            }
            chunks[chunkCount++] = new byte[CHUNK_BYTES];
            chunkUsed = 0;
        }
        // + 1 keeps 0 for "none"; addresses are unsigned
        address = ((chunkCount - 1) << (CHUNK_BITS - 2) | chunkUsed >>> 2) + 1;
        chunkUsed += 4 * words;
        return address;
    }

    private byte[] chunk(int address) {
        return chunks[(address - 1) >>> (CHUNK_BITS - 2)];
    }

    private static int offset(int address) {
        return ((address - 1) << 2) & (CHUNK_BYTES - 1);
    }

    private static int words(int keyLength) {
        return (KEY_AT + keyLength + 3) >>> 2;
    }

    private int hashOf(int address) {
        byte[] chunk = chunk(address);
        int at = offset(address);
        return hash(chunk, at + KEY_AT, chunk[at + KEY_LENGTH_AT] & 0xff);
    }

    private int hash(byte[] bytes, int from, int length) {
        long h = seed ^ length;
        int at = from;
        int end = from + length;
        for (; at + 8 <= end; at += 8) {
            h = mix(h ^ (long) LONG.get(bytes, at));
        }
        long tail = 0;
        for (; at < end; at++) {
            tail = tail << 8 | (bytes[at] & 0xff);
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
