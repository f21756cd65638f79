package org.qsfs.fs.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.FileSystem.ROOT;
import static org.qsfs.fs.Volume.name;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.TestVolume;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.ListingRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;

/** Each damage of the rows is found, and named. */
class VolumeCheckTest {
    private final TestVolume volume = TestVolume.create();
    private long file;
    private long directory;

    @BeforeEach
    void someFiles() throws FsException {
        directory = volume.makeDirectory("/d", 0755);
        volume.makeDirectory("/d/e", 0755);
        file = volume.makeFile("/d/f", new byte[10_000]);
        volume.fs().link(Caller.ROOT, file, ROOT, name("g"));
        volume.fs()
                .setExtendedAttribute(
                        Caller.ROOT,
                        file,
                        "user.x".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        new byte[3],
                        0);
        assertThat(found()).isEmpty();
    }

    @AfterEach
    void close() {
        volume.close();
    }

    private List<String> found() throws FsException {
        List<String> found = new ArrayList<>();
        volume.fs().check(false, finding -> {
            if (finding.severity() != Finding.Severity.WARNING) {
                found.add(finding.subject() + ": " + finding.message());
            }
        });
        return found;
    }

    private void damage(byte[] key, byte @Nullable [] value) {
        volume.journal().damage(key, value);
    }

    private void changeInode(long inode, UnaryOperator<InodeRow> change) throws FsException {
        byte[] value = volume.journal().get(Rows.inodeKey(inode));
        assertThat(value).isNotNull();
        damage(Rows.inodeKey(inode), change.apply(InodeRow.decode(inode, value)).encode());
    }

    private EntryRow entry(long parent, String name) throws FsException {
        byte[] value = volume.journal().get(Rows.entryKey(parent, FileName.of(name)));
        assertThat(value).isNotNull();
        return EntryRow.decode(parent, value);
    }

    @Test
    void aNameWithoutAnInode() throws FsException {
        damage(Rows.inodeKey(file), null);
        assertThat(found())
                .contains("directory %d, name f: stands for inode %d, which does not exist".formatted(directory, file))
                .contains("inode %d: does not exist and has a row in table E".formatted(file))
                .contains("inode %d: does not exist and has a row in table X".formatted(file))
                .contains("volume: counts 4 inodes, 3 found");
    }

    @Test
    void aWrongLinkCount() throws FsException {
        changeInode(file, row -> row.withLinks(3));
        changeInode(directory, row -> row.withLinks(2));
        assertThat(found())
                .contains("inode %d: has 2 names and counts 3".formatted(file))
                .contains("inode %d: has 1 sub-directories and counts 2 links, 3 expected".formatted(directory));
    }

    @Test
    void anInodeWithoutANameThatNobodyWillDrop() throws FsException {
        changeInode(file, row -> row.withLinks(0));
        assertThat(found()).contains("inode %d: has 0 links and is not to be dropped".formatted(file));
    }

    @Test
    void aNameThatIsNotListed() throws FsException {
        EntryRow entry = entry(directory, "f");
        damage(Rows.listingKey(directory, entry.cookie()), null);
        assertThat(found())
                .containsExactly(
                        "directory %d, name f: is not listed under its cookie %d".formatted(directory, entry.cookie()));
    }

    @Test
    void aListedNameThatIsGone() throws FsException {
        damage(Rows.listingKey(directory, 99), new ListingRow(file, FileType.REGULAR, name("old")).encode());
        assertThat(found())
                .containsExactly(
                        "directory %d, cookie 99: lists old, which has another place or is gone".formatted(directory));
    }

    @Test
    void aCookieThatWillBeGivenAgain() throws FsException {
        changeInode(directory, row -> row.withNextCookie(3));
        assertThat(found()).anyMatch(message -> message.endsWith("which will be given again"));
    }

    @Test
    void aWrongTypeOrParent() throws FsException {
        EntryRow entry = entry(directory, "e");
        changeInode(entry.inode(), row -> row.withParent(ROOT));
        assertThat(found())
                .containsExactly("directory %d, name e: directory %d says that its parent is 1"
                        .formatted(directory, entry.inode()));
        changeInode(entry.inode(), row -> row.withParent(directory));
        EntryRow wrong = new EntryRow(file, FileType.FIFO, entry(directory, "f").cookie());
        damage(Rows.entryKey(directory, name("f")), wrong.encode());
        assertThat(found()).anyMatch(message -> message.contains("is of type FIFO, which it is not"));
    }

    @Test
    void directoriesThatLeadInACircle() throws FsException {
        long below = entry(directory, "e").inode();
        changeInode(directory, row -> row.withParent(below));
        assertThat(found()).anyMatch(message -> message.contains("its way up ends at"));
    }

    @Test
    void extentsThatOverlapOrReachBeyondTheFile() throws FsException {
        RowCursor cursor = volume.journal().scan(Rows.extentKey(file, 0), Rows.endOf('E', file));
        assertThat(cursor.next()).isTrue();
        ExtentRow extent = ExtentRow.decode(cursor.key(), cursor.value());
        damage(Rows.extentKey(file, 5000), extent.movedTo(5000).encode(file));
        assertThat(found())
                .contains("inode %d: the extent at 5000 begins before 10000, where the last one ends".formatted(file))
                .contains("inode %d: the extent at 5000 ends at 15000, the file at 10000".formatted(file))
                .contains("inode %d: says that 10000 bytes are allocated, extents and preallocation cover 20000"
                        .formatted(file))
                .contains("volume: counts 10000 bytes, extents and preallocation cover 20000");
    }

    @Test
    void aWrongNumberOfExtendedAttributes() throws FsException {
        changeInode(file, row -> row.withAttributeCount(2));
        assertThat(found())
                .containsExactly("inode %d: says that it has 2 extended attributes, 1 found".formatted(file));
    }

    @Test
    void rowsThatCannotBeDecoded() throws FsException {
        damage(Rows.inodeKey(file), new byte[] {9});
        damage(Rows.entryKey(ROOT, name("g")), new byte[] {1});
        assertThat(found())
                .anyMatch(message -> message.contains("version 9, this program reads version 1"))
                .anyMatch(message -> message.contains("only 1 bytes"));
    }
}
