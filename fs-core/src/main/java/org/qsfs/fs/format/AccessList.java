package org.qsfs.fs.format;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.FsException;

/**
 * A POSIX access control list (acl(5)) as it stands in an inode row.
 *
 * <pre>
 *   count varint, then for each entry:
 *   tag u8 | permissions u8 (rwx) | id varint, only of a named user or group
 * </pre>
 *
 * @param entries in the order of their tags; none where the mode says everything
 */
public record AccessList(List<Entry> entries) {
    public static final int OWNER = 0x01;
    public static final int USER = 0x02;
    public static final int OWNING_GROUP = 0x04;
    public static final int GROUP = 0x08;
    public static final int MASK = 0x10;
    public static final int OTHER = 0x20;

    /** There is no list. */
    public static final AccessList NONE = new AccessList(List.of());

    /**
     * @param tag one of the constants above; the values are those of the extended attribute
     * @param permissions rwx
     * @param id of a named user or group, else 0
     */
    public record Entry(int tag, int permissions, int id) {
        public boolean isNamed() {
            return tag == USER || tag == GROUP;
        }

        public Entry withPermissions(int bits) {
            return new Entry(tag, bits, id);
        }
    }

    public AccessList {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    void write(RowWriter writer) {
        writer.varint(entries.size());
        for (Entry entry : entries) {
            writer.u8(entry.tag()).u8(entry.permissions());
            if (entry.isNamed()) {
                writer.varint(Integer.toUnsignedLong(entry.id()));
            }
        }
    }

    static AccessList read(RowParser parser) throws FsException {
        long count = parser.varint();
        if (count == 0) {
            return NONE;
        }
        List<Entry> entries = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            Entry entry = new Entry(parser.u8(), parser.u8(), 0);
            entries.add(entry.isNamed() ? new Entry(entry.tag(), entry.permissions(), parser.varint32()) : entry);
        }
        return new AccessList(entries);
    }
}
