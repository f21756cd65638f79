package org.qsfs.fs.check;

import java.util.Arrays;
import java.util.function.Consumer;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.ListingRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowReader;

/** Names against inodes and listings, for the inodes of one window of numbers at a time. */
final class NameCheck {
    /** Inodes of a window; 17 bytes each. */
    private static final int WINDOW = 1 << 21;

    private static final byte NO_INODE = 0;

    private final RowReader rows;
    private final Consumer<Finding> findings;

    long names;

    private long lastDirectory = -1;
    private long lastNextCookie;

    NameCheck(RowReader rows, Consumer<Finding> findings) {
        this.rows = rows;
        this.findings = findings;
    }

    /** Checks all names of inodes up to a number. */
    void run(long highest) throws FsException {
        for (long from = 0; from <= highest; from += WINDOW) {
            checkWindow(from, (int) Math.min(WINDOW, highest - from + 1));
        }
        checkListings(highest);
    }

    /** What is known of the inodes {@code [from, from + count)}. */
    private record Window(long from, byte[] types, int[] names, int[] subdirectories, long[] parents) {
        boolean contains(long inode) {
            return inode >= from && inode < from + types.length;
        }

        int index(long inode) {
            return (int) (inode - from);
        }
    }

    private void checkWindow(long from, int count) throws FsException {
        Window window = new Window(from, new byte[count], new int[count], new int[count], new long[count]);
        Arrays.fill(window.types(), NO_INODE);
        Walk inodes = new Walk(rows, Rows.inodeKey(from), end(from + count));
        for (; inodes.hasRow(); inodes.next()) {
            InodeRow row = decode(inodes);
            if (row != null) {
                int index = window.index(row.inode());
                window.types()[index] = (byte) row.type().direntType();
                window.parents()[index] = row.parent();
            }
        }
        Walk entries = new Walk(rows, 'D');
        for (; entries.hasRow(); entries.next()) {
            checkEntry(entries, window);
        }
        inodes = new Walk(rows, Rows.inodeKey(from), end(from + count));
        for (; inodes.hasRow(); inodes.next()) {
            InodeRow row = decode(inodes);
            if (row != null) {
                checkLinks(row, window);
            }
        }
    }

    private static byte[] end(long inode) {
        return Rows.inodeKey(inode);
    }

    private static @org.jspecify.annotations.Nullable InodeRow decode(Walk inodes) {
        try {
            return InodeRow.decode(inodes.first(), inodes.value());
        } catch (FsException e) {
            // the walk over the inodes has reported it
            return null;
        }
    }

    private void checkEntry(Walk entries, Window window) throws FsException {
        long parent = entries.first();
        String subject = "directory " + parent + ", name " + show(Rows.nameBytes(entries.key()));
        try {
            EntryRow entry = EntryRow.decode(parent, entries.value());
            if (window.contains(entry.inode())) {
                names++;
                checkChild(entry, parent, subject, window);
            }
            if (window.contains(parent)) {
                if (window.types()[window.index(parent)] != FileType.DIRECTORY.direntType()) {
                    findings.accept(Finding.error(subject, "inode " + parent + " is no directory"));
                }
                if (entry.type() == FileType.DIRECTORY) {
                    window.subdirectories()[window.index(parent)]++;
                }
                checkListing(parent, Rows.name(entries.key()), entry, subject);
            }
        } catch (FsException e) {
            findings.accept(Finding.error(subject, e.getMessage()));
        }
    }

    private void checkChild(EntryRow entry, long parent, String subject, Window window) {
        int index = window.index(entry.inode());
        window.names()[index]++;
        if (window.types()[index] == NO_INODE) {
            findings.accept(Finding.error(subject, "stands for inode " + entry.inode() + ", which does not exist"));
        } else if (window.types()[index] != entry.type().direntType()) {
            findings.accept(Finding.error(
                    subject,
                    "says that inode %d is of type %s, which it is not".formatted(entry.inode(), entry.type())));
        } else if (entry.type() == FileType.DIRECTORY && window.parents()[index] != parent) {
            findings.accept(Finding.error(
                    subject,
                    "directory %d says that its parent is %d".formatted(entry.inode(), window.parents()[index])));
        }
    }

    private void checkListing(long parent, FileName name, EntryRow entry, String subject) throws FsException {
        byte[] listed = rows.get(Rows.listingKey(parent, entry.cookie()));
        if (listed == null
                || !ListingRow.decode(parent, listed).equals(new ListingRow(entry.inode(), entry.type(), name))) {
            findings.accept(Finding.error(subject, "is not listed under its cookie " + entry.cookie()));
        }
        if (nextCookie(parent) <= entry.cookie()) {
            findings.accept(Finding.error(subject, "has cookie " + entry.cookie() + ", which will be given again"));
        }
    }

    /** The names of a directory come one after the other, so its row is read once. */
    private long nextCookie(long directory) throws FsException {
        if (directory != lastDirectory) {
            byte[] row = rows.get(Rows.inodeKey(directory));
            lastNextCookie = row == null
                    ? Long.MAX_VALUE
                    : InodeRow.decode(directory, row).nextCookie();
            lastDirectory = directory;
        }
        return lastNextCookie;
    }

    private void checkLinks(InodeRow row, Window window) {
        String subject = "inode " + row.inode();
        int index = window.index(row.inode());
        int found = window.names()[index];
        if (!row.isDirectory()) {
            if (found != row.links()) {
                findings.accept(Finding.error(subject, "has %d names and counts %d".formatted(found, row.links())));
            }
            return;
        }
        int expected = row.inode() == FileSystem.ROOT || row.links() == 0 ? 0 : 1;
        if (found != expected) {
            findings.accept(
                    Finding.error(subject, "is a directory with %d names, %d expected".formatted(found, expected)));
        }
        int subdirectories = window.subdirectories()[index];
        if (row.links() != 0 && row.links() != 2 + subdirectories) {
            findings.accept(Finding.error(
                    subject,
                    "has %d sub-directories and counts %d links, %d expected"
                            .formatted(subdirectories, row.links(), 2 + subdirectories)));
        }
    }

    /** Each name has its own place in a listing (checked above); as many places as names means that there are no others. */
    private void checkListings(long highest) throws FsException {
        long listed = 0;
        for (Walk listings = new Walk(rows, 'O'); listings.hasRow(); listings.next()) {
            listed++;
        }
        if (listed == names || highest < 0) {
            return;
        }
        for (Walk listings = new Walk(rows, 'O'); listings.hasRow(); listings.next()) {
            long parent = listings.first();
            long cookie = Rows.second(listings.key());
            String subject = "directory " + parent + ", cookie " + cookie;
            try {
                ListingRow row = ListingRow.decode(parent, listings.value());
                byte[] entry = rows.get(Rows.entryKey(parent, row.name()));
                if (entry == null || EntryRow.decode(parent, entry).cookie() != cookie) {
                    findings.accept(
                            Finding.error(subject, "lists " + row.name() + ", which has another place or is gone"));
                }
            } catch (FsException e) {
                findings.accept(Finding.error(subject, e.getMessage()));
            }
        }
    }

    private static String show(byte[] name) {
        return new String(name, java.nio.charset.StandardCharsets.UTF_8);
    }
}
