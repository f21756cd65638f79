package org.qsfs.fs.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.Volume;
import org.qsfs.fs.model.Model.Node;

/** Makes the same calls on a volume and on the model and compares what they answer. */
final class Run {
    private static final Caller ROOT = Caller.ROOT;
    private static final int SLOTS = 3;

    private final Volume volume;
    private final Model model = new Model();
    private final @Nullable Node[] nodes = new Node[SLOTS];
    private final long[] handles = new long[SLOTS];
    private int step;

    Run(Volume volume) {
        this.volume = volume;
    }

    private interface Call {
        @Nullable
        Object run() throws IOException;
    }

    void apply(Operation operation) throws IOException {
        step++;
        switch (operation.kind()) {
            case FLUSH_ALL -> volume.fs().flushAll();
            case REMOUNT -> remount();
            default -> {
                Object expected = outcome(() -> onModel(operation));
                Object found = outcome(() -> onVolume(operation));
                assertThat(found).as("step %d: %s", step, operation).isEqualTo(expected);
            }
        }
    }

    private static Object outcome(Call call) throws IOException {
        try {
            Object result = call.run();
            return result == null ? "done" : result;
        } catch (FsException e) {
            return e.errno();
        }
    }

    private byte[] bytes(Operation operation) {
        byte[] bytes = new byte[operation.length()];
        new Random(step).nextBytes(bytes);
        return bytes;
    }

    private static List<String> from(Operation operation) {
        return Model.pathOf(operation.from());
    }

    private static List<String> to(Operation operation) {
        return Model.pathOf(operation.to());
    }

    private @Nullable Object onModel(Operation operation) throws FsException {
        Node open = nodes[operation.slot()];
        Node other = nodes[(operation.slot() + operation.flags()) % SLOTS];
        return switch (operation.kind()) {
            case MAKE_DIRECTORY -> {
                model.make(from(operation), Model.Kind.DIRECTORY);
                yield null;
            }
            case MAKE_SYMLINK -> {
                model.make(from(operation), Model.Kind.SYMLINK).data = target(operation);
                yield null;
            }
            case WRITE_PATH -> {
                Node file = model.create(from(operation), operation.flags() == 2);
                Model.write(file, operation.offset(), bytes(operation));
                yield null;
            }
            case OPEN -> {
                if (open != null) {
                    yield null;
                }
                Node file = Model.file(model.resolve(from(operation)));
                if (operation.flags() == 1) {
                    file.data = new byte[0];
                }
                nodes[operation.slot()] = file;
                yield file.data.length;
            }
            case OPEN_CREATE -> {
                if (open != null) {
                    yield null;
                }
                nodes[operation.slot()] = model.create(from(operation), false);
                yield null;
            }
            case CLOSE -> {
                nodes[operation.slot()] = null;
                yield null;
            }
            case WRITE -> {
                if (open != null) {
                    Model.write(open, operation.offset(), bytes(operation));
                }
                yield null;
            }
            case APPEND -> {
                Node file = Model.file(model.resolve(from(operation)));
                Model.write(file, file.data.length, bytes(operation));
                yield null;
            }
            case READ -> open == null ? null : text(Model.read(open, operation.offset(), operation.length()));
            case TRUNCATE -> {
                if (open != null) {
                    open.data = java.util.Arrays.copyOf(open.data, operation.offset());
                }
                yield null;
            }
            case TRUNCATE_PATH -> {
                Node node = model.resolve(from(operation));
                if (node.kind == Model.Kind.DIRECTORY) {
                    throw new FsException(org.qsfs.fs.Errno.EISDIR);
                }
                if (node.kind == Model.Kind.SYMLINK) {
                    throw new FsException(org.qsfs.fs.Errno.EINVAL);
                }
                node.data = java.util.Arrays.copyOf(node.data, operation.offset());
                yield null;
            }
            case PUNCH -> {
                if (open != null) {
                    Model.zero(open, operation.offset(), operation.length() + 1, true);
                }
                yield null;
            }
            case ZERO -> {
                if (open != null) {
                    Model.zero(open, operation.offset(), operation.length() + 1, operation.flags() == 1);
                }
                yield null;
            }
            case ALLOCATE -> {
                if (open != null && operation.flags() == 0) {
                    int end = operation.offset() + operation.length() + 1;
                    open.data = open.data.length >= end ? open.data : java.util.Arrays.copyOf(open.data, end);
                }
                yield null;
            }
            case COPY ->
                open == null || other == null
                        ? null
                        : Model.copy(open, operation.from() * 100, other, operation.offset(), operation.length());
            case SEEK -> {
                if (open == null) {
                    yield null;
                }
                if (operation.offset() >= open.data.length) {
                    throw new FsException(org.qsfs.fs.Errno.ENXIO);
                }
                yield "data before a hole";
            }
            case FSYNC -> null;
            case UNLINK -> {
                model.unlink(from(operation));
                yield null;
            }
            case REMOVE_DIRECTORY -> {
                model.removeDirectory(from(operation));
                yield null;
            }
            case RENAME -> {
                model.rename(from(operation), to(operation), operation.flags());
                yield null;
            }
            case LINK -> {
                model.link(from(operation), to(operation));
                yield null;
            }
            case SET_ATTRIBUTE -> {
                Node node = model.resolve(from(operation));
                if (node.kind == Model.Kind.SYMLINK) {
                    throw new FsException(org.qsfs.fs.Errno.EPERM);
                }
                String name = attribute(operation);
                boolean exists = node.attributes.containsKey(name);
                if (exists && operation.flags() == 1) {
                    throw new FsException(org.qsfs.fs.Errno.EEXIST);
                }
                if (!exists && operation.flags() == 2) {
                    throw new FsException(org.qsfs.fs.Errno.ENODATA);
                }
                node.attributes.put(name, value(operation));
                yield null;
            }
            case REMOVE_ATTRIBUTE -> {
                Node node = model.resolve(from(operation));
                if (node.kind == Model.Kind.SYMLINK) {
                    throw new FsException(org.qsfs.fs.Errno.EPERM);
                }
                if (node.attributes.remove(attribute(operation)) == null) {
                    throw new FsException(org.qsfs.fs.Errno.ENODATA);
                }
                yield null;
            }
            case LIST -> {
                Node node = model.resolve(from(operation));
                if (node.kind != Model.Kind.DIRECTORY) {
                    throw new FsException(org.qsfs.fs.Errno.ENOTDIR);
                }
                yield String.join(",", node.children.keySet());
            }
            case FLUSH_ALL, REMOUNT -> null;
        };
    }

    private @Nullable Object onVolume(Operation operation) throws IOException {
        FileSystem fs = volume.fs();
        long handle = handles[operation.slot()];
        long other = handles[(operation.slot() + operation.flags()) % SLOTS];
        return switch (operation.kind()) {
            case MAKE_DIRECTORY -> {
                List<String> path = from(operation);
                forget(fs.makeDirectory(ROOT, directory(path), name(path), 0755));
                yield null;
            }
            case MAKE_SYMLINK -> {
                List<String> path = from(operation);
                forget(fs.makeSymlink(ROOT, directory(path), name(path), target(operation)));
                yield null;
            }
            case WRITE_PATH -> {
                int flags = OpenFlags.WRITE_ONLY | (operation.flags() == 2 ? OpenFlags.EXCLUSIVE : 0);
                long file = create(from(operation), flags);
                fs.write(file, operation.offset(), ByteBuffer.wrap(bytes(operation)));
                fs.release(file);
                yield null;
            }
            case OPEN -> {
                if (handle != 0) {
                    yield null;
                }
                int flags = OpenFlags.READ_WRITE | (operation.flags() == 1 ? OpenFlags.TRUNCATE : 0);
                long inode = inode(from(operation));
                handles[operation.slot()] = fs.open(ROOT, inode, flags);
                yield (int) fs.getAttributes(inode).size();
            }
            case OPEN_CREATE -> {
                if (handle == 0) {
                    handles[operation.slot()] = create(from(operation), OpenFlags.READ_WRITE);
                }
                yield null;
            }
            case CLOSE -> {
                fs.release(handle);
                handles[operation.slot()] = 0;
                yield null;
            }
            case WRITE -> {
                if (handle != 0) {
                    fs.write(handle, operation.offset(), ByteBuffer.wrap(bytes(operation)));
                }
                yield null;
            }
            case APPEND -> {
                long file = fs.open(ROOT, inode(from(operation)), OpenFlags.WRITE_ONLY | OpenFlags.APPEND);
                fs.write(file, 0, ByteBuffer.wrap(bytes(operation)));
                fs.release(file);
                yield null;
            }
            case READ -> handle == 0 ? null : text(volume.read(handle, operation.offset(), operation.length()));
            case TRUNCATE -> {
                if (handle != 0) {
                    assertThat(fs.truncate(handle, operation.offset()).size()).isEqualTo(operation.offset());
                }
                yield null;
            }
            case TRUNCATE_PATH -> {
                fs.setAttributes(ROOT, inode(from(operation)), SetAttributes.ofSize(operation.offset()));
                yield null;
            }
            case PUNCH -> allocate(handle, operation, 3);
            case ZERO -> allocate(handle, operation, operation.flags() == 1 ? 17 : 16);
            case ALLOCATE -> allocate(handle, operation, operation.flags() == 0 ? 0 : 1);
            case COPY ->
                handle == 0 || other == 0
                        ? null
                        : fs.copyRange(handle, operation.from() * 100L, other, operation.offset(), operation.length());
            case SEEK -> handle == 0 ? null : seek(handle, operation.offset());
            case FSYNC -> {
                if (handle != 0) {
                    fs.fsync(handle, false);
                }
                yield null;
            }
            case UNLINK -> {
                List<String> path = from(operation);
                fs.unlink(ROOT, directory(path), name(path));
                yield null;
            }
            case REMOVE_DIRECTORY -> {
                List<String> path = from(operation);
                fs.removeDirectory(ROOT, directory(path), name(path));
                yield null;
            }
            case RENAME -> {
                List<String> from = from(operation);
                List<String> to = to(operation);
                fs.rename(ROOT, directory(from), name(from), directory(to), name(to), operation.flags());
                yield null;
            }
            case LINK -> {
                List<String> to = to(operation);
                long inode = inode(from(operation));
                forget(fs.link(ROOT, inode, directory(to), name(to)));
                yield null;
            }
            case SET_ATTRIBUTE -> {
                fs.setExtendedAttribute(
                        ROOT,
                        inode(from(operation)),
                        attribute(operation).getBytes(StandardCharsets.UTF_8),
                        value(operation),
                        operation.flags());
                yield null;
            }
            case REMOVE_ATTRIBUTE -> {
                fs.removeExtendedAttribute(
                        ROOT, inode(from(operation)), attribute(operation).getBytes(StandardCharsets.UTF_8));
                yield null;
            }
            case LIST -> {
                long directory = fs.openDirectory(ROOT, inode(from(operation)));
                List<DirectoryEntry> entries = fs.readDirectory(directory, 0, 1000);
                fs.releaseDirectory(directory);
                yield String.join(
                        ",",
                        entries.stream()
                                .map(entry -> entry.name().toString())
                                .sorted()
                                .toList());
            }
            case FLUSH_ALL, REMOUNT -> null;
        };
    }

    private @Nullable Object allocate(long handle, Operation operation, int mode) throws FsException {
        if (handle != 0) {
            volume.fs().allocate(handle, operation.offset(), operation.length() + 1L, mode);
        }
        return null;
    }

    /** Where data and holes are is not the model's business; that there is no data in a hole is. */
    private String seek(long handle, long offset) throws FsException {
        long hole = volume.fs().seek(handle, offset, 4);
        try {
            long data = volume.fs().seek(handle, offset, 3);
            assertThat(hole == offset || data == offset).isTrue();
            assertThat(volume.read(handle, offset, (int) (data - offset))).isEqualTo(new byte[(int) (data - offset)]);
        } catch (FsException e) {
            assertThat(e.errno()).isEqualTo(org.qsfs.fs.Errno.ENXIO);
            byte[] rest = volume.read(handle, offset, 8 << 20);
            assertThat(rest).isEqualTo(new byte[rest.length]);
        }
        return "data before a hole";
    }

    /** Nothing is open any more. */
    void crashed() {
        for (int i = 0; i < SLOTS; i++) {
            nodes[i] = null;
            handles[i] = 0;
        }
    }

    private void remount() throws IOException {
        crashed();
        volume.remount();
        compare();
    }

    /** Compares the whole tree. */
    void compare() throws IOException {
        Map<String, String> expected = new TreeMap<>();
        for (Map.Entry<String, Node> entry : model.tree().entrySet()) {
            Node node = entry.getValue();
            String attributes = String.join(",", node.attributes.keySet());
            expected.put(
                    entry.getKey(),
                    "%s %d %d %d [%s]"
                            .formatted(
                                    node.kind,
                                    node.nlink(),
                                    node.data.length,
                                    java.util.Arrays.hashCode(node.data),
                                    attributes));
        }
        Map<String, String> found = new TreeMap<>();
        collect("", FileSystem.ROOT, FileSystem.ROOT, found);
        assertThat(found).isEqualTo(expected);
        volume.assertSound();
    }

    private void collect(String path, long inode, long parent, Map<String, String> found) throws IOException {
        FileSystem fs = volume.fs();
        Attributes attributes = fs.getAttributes(inode);
        byte[] data = {};
        String kind;
        switch (attributes.type()) {
            case DIRECTORY -> {
                kind = "DIRECTORY";
                assertThat(fs.parent(inode)).isEqualTo(parent);
                long handle = fs.openDirectory(ROOT, inode);
                for (DirectoryEntry entry : fs.readDirectory(handle, 0, 1000)) {
                    Attributes child = fs.lookup(ROOT, inode, entry.name());
                    assertThat(child.inode()).isEqualTo(entry.inode());
                    assertThat(child.type()).isEqualTo(entry.type());
                    collect(path + "/" + entry.name(), child.inode(), inode, found);
                    forget(child);
                }
                fs.releaseDirectory(handle);
            }
            case SYMLINK -> {
                kind = "SYMLINK";
                data = fs.readSymlink(inode);
            }
            default -> {
                kind = "FILE";
                long handle = fs.open(ROOT, inode, OpenFlags.READ_ONLY);
                data = volume.read(handle, 0, (int) attributes.size() + 1);
                fs.release(handle);
            }
        }
        long size = attributes.type() == FileType.DIRECTORY ? 0 : attributes.size();
        List<String> names = fs.listExtendedAttributes(ROOT, inode).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .toList();
        found.put(
                path,
                "%s %d %d %d [%s]"
                        .formatted(
                                kind,
                                attributes.links(),
                                size,
                                java.util.Arrays.hashCode(data),
                                String.join(",", names)));
    }

    private long create(List<String> path, int flags) throws FsException {
        FileSystem.Created created = volume.fs().create(ROOT, directory(path), name(path), 0644, flags);
        forget(created.attributes());
        return created.handle();
    }

    private long inode(List<String> path) throws FsException {
        long at = FileSystem.ROOT;
        for (String part : path) {
            Attributes found = volume.fs().lookup(ROOT, at, FileName.of(part));
            forget(found);
            at = found.inode();
        }
        return at;
    }

    private long directory(List<String> path) throws FsException {
        return inode(path.subList(0, path.size() - 1));
    }

    private static FileName name(List<String> path) throws FsException {
        return FileName.of(path.getLast());
    }

    private void forget(Attributes attributes) {
        volume.fs().forget(attributes.inode(), 1);
    }

    private static byte[] target(Operation operation) {
        return ("target" + operation.to()).getBytes(StandardCharsets.UTF_8);
    }

    private static String attribute(Operation operation) {
        return "user.attribute" + operation.slot();
    }

    private static byte[] value(Operation operation) {
        return ("value" + operation.offset()).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return bytes.length + " bytes, hash " + java.util.Arrays.hashCode(bytes);
    }
}
