package org.qsfs.zdb.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.DataFormat.EntryHeader;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.ZdbCrc;

/**
 * The one damage that 0-db's format does not let anyone notice. The checksum of an entry covers its value, not its key, so the key
 * is compared with the index record of the entry. When the key is changed and the record is lost or changed, too, the entry
 * is a valid one of the key that it now has.
 */
final class LostKeys {
    private record Item(int at, byte[] key, byte[] value) {}

    private final Map<Path, byte[]> original;
    private final AtomicInteger explained = new AtomicInteger();

    LostKeys(Map<Path, byte[]> original) {
        this.original = original;
    }

    /** Whether a whole entry says that the key has this value, while it said another key before, and its record does not say that either. */
    boolean explain(Map<Path, byte[]> damaged, byte[] key, byte[] value) {
        for (Path data : original.keySet()) {
            if (!data.getFileName().toString().matches("d[0-9]+")) {
                continue;
            }
            Path index = DamagedFilesTest.INDEX.resolve(
                    "i" + data.getFileName().toString().substring(1));
            List<Item> before = entries(original.get(data));
            List<Item> records = records(original.get(index));
            for (Item entry : entries(damaged.get(data))) {
                int nth = place(before, entry.at());
                if (nth >= 0
                        && Arrays.equals(entry.key(), key)
                        && Arrays.equals(entry.value(), value)
                        && !Arrays.equals(before.get(nth).key(), key)
                        && !holds(damaged.get(index), records.get(nth))) {
                    explained.incrementAndGet();
                    return true;
                }
            }
        }
        return false;
    }

    int explained() {
        return explained.get();
    }

    private static int place(List<Item> items, int at) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).at() == at) {
                return i;
            }
        }
        return -1;
    }

    private static boolean holds(byte[] index, Item record) {
        return records(index).stream().anyMatch(r -> r.at() == record.at() && Arrays.equals(r.key(), record.key()));
    }

    /** Entries with a right checksum that are no tombstones: the n-th belongs to the n-th record of the index file. */
    private static List<Item> entries(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        List<Item> items = new ArrayList<>();
        int at = DataFormat.HEADER_BYTES;
        while (at + DataFormat.ENTRY_HEADER_BYTES <= file.length) {
            EntryHeader header = DataFormat.entryHeader(bytes, at);
            if (header.keyLength() == 0 || at + header.entryBytes() > file.length) {
                break;
            }
            int from = at + DataFormat.ENTRY_HEADER_BYTES + header.keyLength();
            byte[] value = Arrays.copyOfRange(file, from, from + (int) header.valueLength());
            if (!header.deleted() && ZdbCrc.of(ByteBuffer.wrap(value)) == header.crc()) {
                items.add(new Item(at, Arrays.copyOfRange(file, at + DataFormat.ENTRY_HEADER_BYTES, from), value));
            }
            at += (int) header.entryBytes();
        }
        return items;
    }

    private static List<Item> records(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        List<Item> items = new ArrayList<>();
        int at = IndexFormat.HEADER_BYTES;
        while (at + IndexFormat.RECORD_HEADER_BYTES <= file.length) {
            IndexRecord record = IndexFormat.record(bytes, at);
            int end = at + record.recordBytes();
            if (end > file.length) {
                break;
            }
            items.add(new Item(at, Arrays.copyOfRange(file, at + IndexFormat.RECORD_HEADER_BYTES, end), new byte[0]));
            at = end;
        }
        return items;
    }
}
