package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.check.Finding;

/** A filesystem under test, and what tests often say about one. */
public abstract class Volume implements AutoCloseable {
    public static final Caller ROOT = Caller.ROOT;
    public static final Caller ALICE = new Caller(1000, 1000, 1, java.util.Set.of(2000), 0);
    public static final Caller BOB = new Caller(1001, 1001, 1, java.util.Set.of(), 0);

    public abstract QsfsFileSystem fs();

    /** Closes the filesystem and opens it again. */
    public abstract void remount() throws IOException;

    @Override
    public abstract void close();

    /** A check finds nothing wrong. */
    public void assertSound() throws FsException {
        assertSound(fs());
    }

    public static void assertSound(QsfsFileSystem fs) throws FsException {
        List<Finding> wrong = new ArrayList<>();
        fs.check(true, finding -> {
            if (finding.severity() != Finding.Severity.WARNING) {
                wrong.add(finding);
            }
        });
        assertThat(wrong).isEmpty();
    }

    public static FileName name(String name) throws FsException {
        return FileName.of(name);
    }

    public Attributes lookup(String path) throws FsException {
        Attributes at = fs().getAttributes(FileSystem.ROOT);
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                at = fs().lookup(ROOT, at.inode(), name(part));
                fs().forget(at.inode(), 1);
            }
        }
        return at;
    }

    public long inode(String path) throws FsException {
        return lookup(path).inode();
    }

    public long makeDirectory(String path, int permissions) throws FsException {
        Attributes made = fs().makeDirectory(ROOT, parent(path), leaf(path), permissions);
        fs().forget(made.inode(), 1);
        return made.inode();
    }

    public long makeFile(String path, byte[] content) throws FsException {
        FileSystem.Created created = fs().create(ROOT, parent(path), leaf(path), 0644, OpenFlags.READ_WRITE);
        fs().write(created.handle(), 0, ByteBuffer.wrap(content));
        fs().release(created.handle());
        fs().forget(created.attributes().inode(), 1);
        return created.attributes().inode();
    }

    public byte[] content(String path) throws FsException {
        long handle = fs().open(ROOT, inode(path), OpenFlags.READ_ONLY);
        try {
            return read(handle, 0, (int) lookup(path).size() + 10);
        } finally {
            fs().release(handle);
        }
    }

    public byte[] read(long handle, long offset, int length) throws FsException {
        ByteBuffer target = ByteBuffer.allocateDirect(length);
        int count = fs().read(handle, offset, target);
        byte[] bytes = new byte[count];
        target.get(0, bytes);
        return bytes;
    }

    public List<String> names(String path) throws FsException {
        long handle = fs().openDirectory(ROOT, inode(path));
        try {
            List<String> names = new ArrayList<>();
            for (DirectoryEntry entry : fs().readDirectory(handle, 0, Integer.MAX_VALUE)) {
                names.add(entry.name().toString());
            }
            return names;
        } finally {
            fs().releaseDirectory(handle);
        }
    }

    public long parent(String path) throws FsException {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? FileSystem.ROOT : inode(path.substring(0, slash));
    }

    public FileName leaf(String path) throws FsException {
        return name(path.substring(path.lastIndexOf('/') + 1));
    }
}
