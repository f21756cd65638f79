package org.qsfs.fs.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;

/** A filesystem as simple as it can be: objects in memory, one user who may do everything. */
final class Model {
    enum Kind {
        FILE,
        DIRECTORY,
        SYMLINK
    }

    static final class Node {
        final Kind kind;
        final Map<String, Node> children = new TreeMap<>();
        final Map<String, byte[]> attributes = new TreeMap<>();
        byte[] data = {};
        int links;

        @Nullable
        Node parent;

        Node(Kind kind) {
            this.kind = kind;
        }

        int nlink() {
            return kind == Kind.DIRECTORY
                    ? 2
                            + (int) children.values().stream()
                                    .filter(child -> child.kind == Kind.DIRECTORY)
                                    .count()
                    : links;
        }
    }

    final Node root = new Node(Kind.DIRECTORY);

    Model() {
        root.parent = root;
    }

    private static FsException error(Errno errno) {
        return new FsException(errno);
    }

    Node resolve(List<String> path) throws FsException {
        Node at = root;
        for (String name : path) {
            at = child(at, name);
        }
        return at;
    }

    private static Node child(Node directory, String name) throws FsException {
        if (directory.kind != Kind.DIRECTORY) {
            throw error(Errno.ENOTDIR);
        }
        Node child = directory.children.get(name);
        if (child == null) {
            throw error(Errno.ENOENT);
        }
        return child;
    }

    private Node directory(List<String> path) throws FsException {
        Node node = resolve(path.subList(0, path.size() - 1));
        if (node.kind != Kind.DIRECTORY) {
            throw error(Errno.ENOTDIR);
        }
        return node;
    }

    Node make(List<String> path, Kind kind) throws FsException {
        Node directory = directory(path);
        if (directory.children.containsKey(path.getLast())) {
            throw error(Errno.EEXIST);
        }
        Node node = new Node(kind);
        node.links = 1;
        node.parent = directory;
        directory.children.put(path.getLast(), node);
        return node;
    }

    Node create(List<String> path, boolean exclusive) throws FsException {
        Node directory = directory(path);
        Node node = directory.children.get(path.getLast());
        if (node == null) {
            return make(path, Kind.FILE);
        }
        if (exclusive) {
            throw error(Errno.EEXIST);
        }
        return file(node);
    }

    static Node file(Node node) throws FsException {
        if (node.kind == Kind.DIRECTORY) {
            throw error(Errno.EISDIR);
        }
        if (node.kind == Kind.SYMLINK) {
            throw error(Errno.ELOOP);
        }
        return node;
    }

    void unlink(List<String> path) throws FsException {
        Node directory = directory(path);
        Node node = child(directory, path.getLast());
        if (node.kind == Kind.DIRECTORY) {
            throw error(Errno.EISDIR);
        }
        directory.children.remove(path.getLast());
        node.links--;
    }

    void removeDirectory(List<String> path) throws FsException {
        Node directory = directory(path);
        Node node = child(directory, path.getLast());
        if (node.kind != Kind.DIRECTORY) {
            throw error(Errno.ENOTDIR);
        }
        if (!node.children.isEmpty()) {
            throw error(Errno.ENOTEMPTY);
        }
        directory.children.remove(path.getLast());
    }

    void link(List<String> path, List<String> newPath) throws FsException {
        Node node = resolve(path);
        resolve(newPath.subList(0, newPath.size() - 1));
        Node directory = directory(newPath);
        if (directory.children.containsKey(newPath.getLast())) {
            throw error(Errno.EEXIST);
        }
        if (node.kind == Kind.DIRECTORY) {
            throw error(Errno.EPERM);
        }
        node.links++;
        directory.children.put(newPath.getLast(), node);
    }

    void rename(List<String> from, List<String> to, int flags) throws FsException {
        resolve(from.subList(0, from.size() - 1));
        resolve(to.subList(0, to.size() - 1));
        Node source = directory(from);
        Node target = directory(to);
        Node moved = source.children.get(from.getLast());
        Node other = target.children.get(to.getLast());
        if (moved == null) {
            throw error(Errno.ENOENT);
        }
        if (flags == 1 && other != null) {
            throw error(Errno.EEXIST);
        }
        if (flags == 2 && other == null) {
            throw error(Errno.ENOENT);
        }
        if (isBelow(target, moved) || (flags == 2 && other != null && isBelow(source, other))) {
            throw error(Errno.EINVAL);
        }
        if (moved == other) {
            return;
        }
        if (flags == 2 && other != null) {
            source.children.put(from.getLast(), other);
            other.parent = source;
        } else {
            replace(moved, other);
            source.children.remove(from.getLast());
        }
        target.children.put(to.getLast(), moved);
        moved.parent = target;
    }

    private static void replace(Node moved, @Nullable Node other) throws FsException {
        if (other == null) {
            return;
        }
        if (moved.kind == Kind.DIRECTORY && other.kind != Kind.DIRECTORY) {
            throw error(Errno.ENOTDIR);
        }
        if (moved.kind != Kind.DIRECTORY && other.kind == Kind.DIRECTORY) {
            throw error(Errno.EISDIR);
        }
        if (!other.children.isEmpty()) {
            throw error(Errno.ENOTEMPTY);
        }
        other.links--;
    }

    private boolean isBelow(Node directory, Node above) {
        if (above.kind != Kind.DIRECTORY) {
            return false;
        }
        for (Node at = directory; at != null; at = at == root ? null : at.parent) {
            if (at == above) {
                return true;
            }
        }
        return false;
    }

    static void write(Node file, int offset, byte[] bytes) {
        if (bytes.length > 0) {
            if (file.data.length < offset + bytes.length) {
                file.data = Arrays.copyOf(file.data, offset + bytes.length);
            }
            System.arraycopy(bytes, 0, file.data, offset, bytes.length);
        }
    }

    static byte[] read(Node file, int offset, int length) {
        return offset >= file.data.length
                ? new byte[0]
                : Arrays.copyOfRange(file.data, offset, Math.min(file.data.length, offset + length));
    }

    static void zero(Node file, int offset, int length, boolean keepSize) {
        int end = offset + length;
        if (!keepSize && file.data.length < end) {
            file.data = Arrays.copyOf(file.data, end);
        }
        if (offset < file.data.length) {
            Arrays.fill(file.data, offset, Math.min(end, file.data.length), (byte) 0);
        }
    }

    static long copy(Node from, int fromOffset, Node to, int toOffset, int length) throws FsException {
        int count = Math.min(length, from.data.length - fromOffset);
        if (count <= 0) {
            return 0;
        }
        if (from == to && fromOffset < toOffset + count && toOffset < fromOffset + count) {
            throw error(Errno.EINVAL);
        }
        write(to, toOffset, Arrays.copyOfRange(from.data, fromOffset, fromOffset + count));
        return count;
    }

    /** Every path with what it stands for. */
    Map<String, Node> tree() {
        Map<String, Node> all = new TreeMap<>();
        collect("", root, all);
        return all;
    }

    private static void collect(String path, Node node, Map<String, Node> all) {
        all.put(path, node);
        for (Map.Entry<String, Node> child : node.children.entrySet()) {
            collect(path + "/" + child.getKey(), child.getValue(), all);
        }
    }

    /** One of few paths, so that they often exist: three names in the root, and three in each of these. */
    static List<String> pathOf(int number) {
        List<String> names = List.of("a", "b", "c");
        String first = names.get(number / 2 % names.size());
        return number % 2 == 0 ? List.of(first) : List.of(first, names.get(number / 6 % names.size()));
    }
}
