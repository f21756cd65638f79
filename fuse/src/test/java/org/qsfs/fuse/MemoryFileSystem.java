package org.qsfs.fuse;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FilesystemStatistics;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.Timestamp;
import org.qsfs.fuse.system.Linux;

/**
 * A filesystem in memory, to mount in tests. It leaves permissions to the kernel (but truncate(2) needs some write permission), keeps counts of lookups and open handles for tests to check, and throws
 * an unchecked exception where a name begins with {@link #BROKEN}.
 */
final class MemoryFileSystem implements FileSystem {
    static final String BROKEN = "broken-";
    private static final int BLOCK = 64 << 10;

    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();
    private final Map<Long, Handle> handles = new ConcurrentHashMap<>();
    private final AtomicLong lastInode = new AtomicLong(ROOT);
    private final AtomicLong lastHandle = new AtomicLong(1000);
    private final AtomicLong forgottenTooOften = new AtomicLong();
    final AtomicLong fsyncs = new AtomicLong();

    private record Handle(Node node, int flags) {}

    private static final class Node {
        final long inode;
        final FileType type;
        int permissions;
        int links;
        int uid;
        int gid;
        int device;
        long size;
        long lookups;
        int open;
        Timestamp accessed = now();
        Timestamp modified = accessed;
        Timestamp changed = accessed;
        final Timestamp created = accessed;
        byte[] target = new byte[0];
        final List<byte @Nullable []> blocks = new ArrayList<>();
        final Map<FileName, DirectoryEntry> entries = new TreeMap<>();
        final TreeMap<Long, DirectoryEntry> byCookie = new TreeMap<>();
        final Map<String, byte[]> extended = new TreeMap<>();
        long lastCookie = 2;
        long parent;

        Node(long inode, FileType type, int permissions, Caller caller) {
            this.inode = inode;
            this.type = type;
            this.permissions = permissions & ~caller.umask();
            this.uid = caller.uid();
            this.gid = caller.gid();
        }

        synchronized Attributes attributes() {
            long held = blocks.stream().filter(b -> b != null).count() * (BLOCK / 512);
            return new Attributes(
                    inode,
                    type,
                    permissions,
                    links,
                    uid,
                    gid,
                    size,
                    held,
                    device,
                    accessed,
                    modified,
                    changed,
                    created);
        }
    }

    MemoryFileSystem() {
        Node root = new Node(
                ROOT,
                FileType.DIRECTORY,
                0755,
                new Caller(Linux.effectiveUser(), Linux.effectiveGroup(), 0, Set.of(), 0));
        root.links = 2;
        root.parent = ROOT;
        nodes.put(ROOT, root);
    }

    int openHandles() {
        return handles.size();
    }

    long forgottenTooOften() {
        return forgottenTooOften.get();
    }

    boolean keepsNamelessInodes() {
        return nodes.values().stream().anyMatch(n -> n.links == 0);
    }

    private static Timestamp now() {
        return Timestamp.of(Instant.now());
    }

    private Node node(long inode) throws FsException {
        Node node = nodes.get(inode);
        if (node == null) {
            throw new FsException(Errno.ESTALE);
        }
        return node;
    }

    private Handle handle(long handle) throws FsException {
        Handle found = handles.get(handle);
        if (found == null) {
            throw new FsException(Errno.EBADF);
        }
        return found;
    }

    private Node child(Node directory, FileName name) throws FsException {
        DirectoryEntry entry = directory.entries.get(name);
        if (entry == null) {
            throw new FsException(Errno.ENOENT);
        }
        return node(entry.inode());
    }

    private static void touch(Node node) {
        node.changed = now();
        node.modified = node.changed;
    }

    private void enter(Node directory, FileName name, Node child) throws FsException {
        if (directory.entries.containsKey(name)) {
            throw new FsException(Errno.EEXIST);
        }
        DirectoryEntry entry = new DirectoryEntry(name, child.inode, child.type, ++directory.lastCookie);
        directory.entries.put(name, entry);
        directory.byCookie.put(entry.cookie(), entry);
        child.parent = directory.inode;
        child.links += child.type == FileType.DIRECTORY ? 2 : 1;
        directory.links += child.type == FileType.DIRECTORY ? 1 : 0;
        child.changed = now();
        touch(directory);
    }

    private void leave(Node directory, FileName name, Node child) throws FsException {
        DirectoryEntry entry = directory.entries.remove(name);
        if (entry == null) {
            throw new FsException(Errno.ENOENT);
        }
        directory.byCookie.remove(entry.cookie());
        child.links -= child.type == FileType.DIRECTORY ? 2 : 1;
        directory.links -= child.type == FileType.DIRECTORY ? 1 : 0;
        child.changed = now();
        touch(directory);
        drop(child);
    }

    private void drop(Node node) {
        if (node.links == 0 && node.open == 0 && node.lookups <= 0) {
            nodes.remove(node.inode);
        }
    }

    @Override
    public synchronized Attributes lookup(Caller caller, long directory, FileName name) throws FsException {
        if (name.toString().startsWith(BROKEN)) {
            throw new IllegalStateException("broken on purpose: " + name);
        }
        Node node = child(node(directory), name);
        node.lookups++;
        return node.attributes();
    }

    @Override
    public synchronized Attributes lookup(long inode) throws FsException {
        Node node = node(inode);
        if (node.links == 0) {
            throw new FsException(Errno.ESTALE);
        }
        node.lookups++;
        return node.attributes();
    }

    @Override
    public synchronized void forget(long inode, long count) {
        Node node = nodes.get(inode);
        if (node != null && inode != ROOT) {
            node.lookups -= count;
            if (node.lookups < 0) {
                forgottenTooOften.incrementAndGet();
            }
            drop(node);
        }
    }

    @Override
    public Attributes getAttributes(long inode) throws FsException {
        return node(inode).attributes();
    }

    @Override
    public synchronized Attributes setAttributes(Caller caller, long inode, SetAttributes change) throws FsException {
        Node node = node(inode);
        if (change.size() != null && !caller.isSuperuser() && (node.permissions & 0222) == 0) {
            throw new FsException(Errno.EACCES);
        }
        synchronized (node) {
            node.changed = now();
            node.permissions = change.permissions() != null ? change.permissions() : node.permissions;
            node.uid = change.uid() != null ? change.uid() : node.uid;
            node.gid = change.gid() != null ? change.gid() : node.gid;
            if (change.size() != null) {
                resize(node, change.size());
                node.modified = node.changed;
            }
            node.accessed =
                    change.accessedNow() ? node.changed : change.accessed() != null ? change.accessed() : node.accessed;
            node.modified =
                    change.modifiedNow() ? node.changed : change.modified() != null ? change.modified() : node.modified;
            return node.attributes();
        }
    }

    private static void resize(Node node, long size) {
        int keep = (int) ((size + BLOCK - 1) / BLOCK);
        while (node.blocks.size() > keep) {
            node.blocks.removeLast();
        }
        if (size < node.size && size % BLOCK != 0 && node.blocks.size() == keep && node.blocks.get(keep - 1) != null) {
            Arrays.fill(node.blocks.get(keep - 1), (int) (size % BLOCK), BLOCK, (byte) 0);
        }
        node.size = size;
    }

    @Override
    public void access(Caller caller, long inode, int mask) throws FsException {
        node(inode);
    }

    private synchronized Node make(Caller caller, long directory, FileName name, FileType type, int permissions)
            throws FsException {
        Node parent = node(directory);
        Node node = new Node(lastInode.incrementAndGet(), type, permissions, caller);
        enter(parent, name, node);
        node.lookups = 1;
        nodes.put(node.inode, node);
        return node;
    }

    @Override
    public Attributes makeNode(Caller caller, long directory, FileName name, FileType type, int permissions, int device)
            throws FsException {
        Node node = make(caller, directory, name, type, permissions);
        node.device = device;
        return node.attributes();
    }

    @Override
    public Attributes makeDirectory(Caller caller, long directory, FileName name, int permissions) throws FsException {
        return make(caller, directory, name, FileType.DIRECTORY, permissions).attributes();
    }

    @Override
    public Attributes makeSymlink(Caller caller, long directory, FileName name, byte[] target) throws FsException {
        Node node = make(caller, directory, name, FileType.SYMLINK, 0777);
        node.target = target.clone();
        node.size = target.length;
        return node.attributes();
    }

    @Override
    public byte[] readSymlink(long inode) throws FsException {
        return node(inode).target;
    }

    @Override
    public synchronized Attributes link(Caller caller, long inode, long newDirectory, FileName newName)
            throws FsException {
        Node node = node(inode);
        enter(node(newDirectory), newName, node);
        node.lookups++;
        return node.attributes();
    }

    @Override
    public synchronized void unlink(Caller caller, long directory, FileName name) throws FsException {
        Node parent = node(directory);
        leave(parent, name, child(parent, name));
    }

    @Override
    public synchronized void removeDirectory(Caller caller, long directory, FileName name) throws FsException {
        Node parent = node(directory);
        Node node = child(parent, name);
        if (!node.entries.isEmpty()) {
            throw new FsException(Errno.ENOTEMPTY);
        }
        leave(parent, name, node);
    }

    @Override
    public synchronized void rename(
            Caller caller, long directory, FileName name, long newDirectory, FileName newName, int flags)
            throws FsException {
        if ((flags & RENAME_WHITEOUT) != 0) {
            throw new FsException(Errno.EINVAL);
        }
        Node from = node(directory);
        Node to = node(newDirectory);
        Node moved = child(from, name);
        DirectoryEntry there = to.entries.get(newName);
        Node replaced = there == null ? null : node(there.inode());
        if (replaced == moved) {
            return;
        }
        if (replaced != null && flags == RENAME_NOREPLACE) {
            throw new FsException(Errno.EEXIST);
        }
        if (replaced == null && flags == RENAME_EXCHANGE) {
            throw new FsException(Errno.ENOENT);
        }
        if (replaced != null && flags == 0 && !replaced.entries.isEmpty()) {
            throw new FsException(Errno.ENOTEMPTY);
        }
        moved.lookups++;
        if (replaced != null) {
            replaced.lookups++;
            leave(to, newName, replaced);
        }
        leave(from, name, moved);
        enter(to, newName, moved);
        if (replaced != null && flags == RENAME_EXCHANGE) {
            enter(from, name, replaced);
        }
        moved.lookups--;
        if (replaced != null) {
            replaced.lookups--;
            drop(replaced);
        }
    }

    private synchronized long open(Node node, int flags) {
        if ((flags & OpenFlags.TRUNCATE) != 0) {
            synchronized (node) {
                resize(node, 0);
                touch(node);
            }
        }
        node.open++;
        long handle = lastHandle.incrementAndGet();
        handles.put(handle, new Handle(node, flags));
        return handle;
    }

    @Override
    public synchronized Created create(Caller caller, long directory, FileName name, int permissions, int flags)
            throws FsException {
        Node parent = node(directory);
        if (parent.entries.containsKey(name) && (flags & OpenFlags.EXCLUSIVE) == 0) {
            Node node = child(parent, name);
            node.lookups++;
            return new Created(node.attributes(), open(node, flags));
        }
        Node node = make(caller, directory, name, FileType.REGULAR, permissions);
        return new Created(node.attributes(), open(node, flags));
    }

    @Override
    public long open(Caller caller, long inode, int flags) throws FsException {
        return open(node(inode), flags);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer target) throws FsException {
        Node node = handle(handle).node();
        synchronized (node) {
            int wanted = (int) Math.max(0, Math.min(target.remaining(), node.size - offset));
            for (int done = 0; done < wanted; ) {
                int block = (int) ((offset + done) / BLOCK);
                int at = (int) ((offset + done) % BLOCK);
                int n = Math.min(wanted - done, BLOCK - at);
                byte[] bytes = block < node.blocks.size() ? node.blocks.get(block) : null;
                target.put(bytes == null ? new byte[n] : bytes, bytes == null ? 0 : at, n);
                done += n;
            }
            return wanted;
        }
    }

    @Override
    public Attributes truncate(long handle, long size) throws FsException {
        return setAttributes(Caller.ROOT, handle(handle).node().inode, SetAttributes.ofSize(size));
    }

    @Override
    public int write(long handle, long offset, ByteBuffer source) throws FsException {
        Handle open = handle(handle);
        Node node = open.node();
        synchronized (node) {
            long position = (open.flags() & OpenFlags.APPEND) != 0 ? node.size : offset;
            int count = source.remaining();
            while (source.hasRemaining()) {
                int block = (int) (position / BLOCK);
                int at = (int) (position % BLOCK);
                int n = Math.min(source.remaining(), BLOCK - at);
                source.get(block(node, block), at, n);
                position += n;
            }
            node.size = Math.max(node.size, position);
            touch(node);
            return count;
        }
    }

    private static byte[] block(Node node, int index) {
        while (node.blocks.size() <= index) {
            node.blocks.add(null);
        }
        byte[] bytes = node.blocks.get(index);
        if (bytes == null) {
            bytes = new byte[BLOCK];
            node.blocks.set(index, bytes);
        }
        return bytes;
    }

    @Override
    public void flush(long handle) throws FsException {
        handle(handle);
    }

    @Override
    public void fsync(long handle, boolean dataOnly) throws FsException {
        handle(handle);
        fsyncs.incrementAndGet();
    }

    @Override
    public synchronized void release(long handle) {
        Handle closed = handles.remove(handle);
        if (closed != null) {
            closed.node().open--;
            drop(closed.node());
        }
    }

    @Override
    public void allocate(long handle, long offset, long length, int mode) throws FsException {
        Node node = handle(handle).node();
        synchronized (node) {
            if ((mode & ~19) != 0) {
                throw new FsException(Errno.EOPNOTSUPP);
            }
            if (mode != 0 && mode != 1) {
                long end = Math.min(offset + length, (long) node.blocks.size() * BLOCK);
                for (long at = offset; at < end; ) {
                    int n = (int) Math.min(end - at, BLOCK - at % BLOCK);
                    Arrays.fill(block(node, (int) (at / BLOCK)), (int) (at % BLOCK), (int) (at % BLOCK) + n, (byte) 0);
                    at += n;
                }
            }
            node.size = (mode & 1) == 0 ? Math.max(node.size, offset + length) : node.size;
            touch(node);
        }
    }

    @Override
    public long seek(long handle, long offset, int whence) throws FsException {
        Node node = handle(handle).node();
        synchronized (node) {
            if (offset >= node.size) {
                throw new FsException(Errno.ENXIO);
            }
            boolean wantData = whence == 3;
            for (long at = offset; at < node.size; at = (at / BLOCK + 1) * BLOCK) {
                int block = (int) (at / BLOCK);
                if ((block < node.blocks.size() && node.blocks.get(block) != null) == wantData) {
                    return at;
                }
            }
            if (wantData) {
                throw new FsException(Errno.ENXIO);
            }
            return node.size;
        }
    }

    @Override
    public long copyRange(long from, long fromOffset, long to, long toOffset, long length) throws FsException {
        ByteBuffer copy = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
        int read = read(from, fromOffset, copy);
        return write(to, toOffset, copy.flip().limit(read));
    }

    @Override
    public long openDirectory(Caller caller, long inode) throws FsException {
        return open(node(inode), 0);
    }

    @Override
    public synchronized List<DirectoryEntry> readDirectory(long handle, long cookie, int limit) throws FsException {
        return handle(handle).node().byCookie.tailMap(cookie, false).values().stream()
                .limit(limit)
                .toList();
    }

    @Override
    public void fsyncDirectory(long handle) throws FsException {
        fsync(handle, false);
    }

    @Override
    public void releaseDirectory(long handle) {
        release(handle);
    }

    @Override
    public long parent(long directory) throws FsException {
        return node(directory).parent;
    }

    private static String key(byte[] name) {
        return new String(name, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Override
    public synchronized byte[] getExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException {
        byte[] value = node(inode).extended.get(key(name));
        if (value == null) {
            throw new FsException(Errno.ENODATA);
        }
        return value;
    }

    @Override
    public synchronized void setExtendedAttribute(Caller caller, long inode, byte[] name, byte[] value, int flags)
            throws FsException {
        boolean there = node(inode).extended.containsKey(key(name));
        if (there && flags == 1) {
            throw new FsException(Errno.EEXIST);
        }
        if (!there && flags == 2) {
            throw new FsException(Errno.ENODATA);
        }
        node(inode).extended.put(key(name), value.clone());
        node(inode).changed = now();
    }

    @Override
    public synchronized List<byte[]> listExtendedAttributes(Caller caller, long inode) throws FsException {
        return node(inode).extended.keySet().stream()
                .map(k -> k.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1))
                .toList();
    }

    @Override
    public synchronized void removeExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException {
        if (node(inode).extended.remove(key(name)) == null) {
            throw new FsException(Errno.ENODATA);
        }
    }

    @Override
    public FilesystemStatistics statistics() {
        return new FilesystemStatistics(1L << 50, 1L << 30, 1L << 40, nodes.size());
    }
}
