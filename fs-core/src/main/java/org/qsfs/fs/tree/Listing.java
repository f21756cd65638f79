package org.qsfs.fs.tree;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ListingRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.fs.rows.RowCursor;

/** Lists directories in the order of cookies. */
public final class Listing {
    private final Metadata metadata;

    public Listing(Metadata metadata) {
        this.metadata = metadata;
    }

    /** Up to {@code limit} entries behind a cookie and before {@code end}. */
    public List<DirectoryEntry> list(long directory, long cookie, long end, int limit) throws FsException {
        List<DirectoryEntry> entries = new ArrayList<>(Math.min(limit, 64));
        long from = Math.max(Rows.FIRST_COOKIE, cookie + 1);
        if (from >= end) {
            return entries;
        }
        RowCursor cursor = metadata.rows().scan(Rows.listingKey(directory, from), Rows.listingKey(directory, end));
        while (entries.size() < limit && cursor.next()) {
            ListingRow row = ListingRow.decode(directory, cursor.value());
            entries.add(new DirectoryEntry(row.name(), row.inode(), row.type(), Rows.second(cursor.key())));
        }
        return entries;
    }
}
