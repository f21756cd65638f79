package org.qsfs.fs;

/**
 * One entry of a directory listing.
 *
 * @param cookie position after this entry: listing from it continues with the next entry, whatever came or went meanwhile. The entries {@code .} and
 *     {@code ..} are not listed here; the bindings add them with the cookies 1 and 2, so cookies of entries start at 3
 */
public record DirectoryEntry(FileName name, long inode, FileType type, long cookie) {}
