package org.qsfs.fuse.jnr;

import jnr.ffi.annotations.Delegate;

/** Signatures of the callbacks of {@code struct fuse_lowlevel_ops}; arguments of the same C types share one. Public because jnr-ffi implements callers of them. */
public final class LowLevelCallbacks {
    private LowLevelCallbacks() {}

    /** init(userdata, conn). */
    public interface Init {
        @Delegate
        void call(long userdata, long connection);
    }

    /** destroy(userdata). */
    public interface Destroy {
        @Delegate
        void call(long userdata);
    }

    /** (req, ino). */
    public interface Inode {
        @Delegate
        void call(long request, long inode);
    }

    /** (req, ino, pointer or size or count). */
    public interface InodeAndWord {
        @Delegate
        void call(long request, long inode, long word);
    }

    /** (req, ino, int). */
    public interface InodeAndInt {
        @Delegate
        void call(long request, long inode, int value);
    }

    /** (req, ino, int, fi). */
    public interface InodeIntAndFile {
        @Delegate
        void call(long request, long inode, int value, long fileInfo);
    }

    /** setattr(req, ino, attr, to_set, fi). */
    public interface SetAttributes {
        @Delegate
        void call(long request, long inode, long attributes, int valid, long fileInfo);
    }

    /** mknod(req, parent, name, mode, rdev). */
    public interface MakeNode {
        @Delegate
        void call(long request, long parent, long name, int mode, long device);
    }

    /** mkdir(req, parent, name, mode). */
    public interface MakeDirectory {
        @Delegate
        void call(long request, long parent, long name, int mode);
    }

    /** create(req, parent, name, mode, fi). */
    public interface Create {
        @Delegate
        void call(long request, long parent, long name, int mode, long fileInfo);
    }

    /** symlink(req, link, parent, name), link(req, ino, newparent, newname), getxattr(req, ino, name, size). */
    public interface ThreeWords {
        @Delegate
        void call(long request, long first, long second, long third);
    }

    /** rename(req, parent, name, newparent, newname), read and readdir(req, ino, size, off, fi). */
    public interface FourWords {
        @Delegate
        void call(long request, long first, long second, long third, long fourth);
    }

    /** write(req, ino, buf, size, off, fi). */
    public interface Write {
        @Delegate
        void call(long request, long inode, long buffer, long size, long offset, long fileInfo);
    }

    /** setxattr(req, ino, name, value, size, flags). */
    public interface SetExtendedAttribute {
        @Delegate
        void call(long request, long inode, long name, long value, long size, int flags);
    }

    /** Told by libfuse that a request was interrupted: (req, data). */
    public interface Interrupt {
        @Delegate
        void call(long request, long data);
    }

    /** ioctl(req, ino, cmd, arg, fi, flags, in_buf, in_bufsz, out_bufsz). */
    public interface Control {
        @Delegate
        void call(
                long request,
                long inode,
                int command,
                long address,
                long fileInfo,
                int flags,
                long argument,
                long argumentSize,
                long room);
    }

    /** fallocate(req, ino, mode, offset, length, fi). */
    public interface Allocate {
        @Delegate
        void call(long request, long inode, int mode, long offset, long length, long fileInfo);
    }
}
