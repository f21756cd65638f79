package org.qsfs.fuse.jnr;

import jnr.ffi.Runtime;
import jnr.ffi.Struct;

/**
 * {@code struct fuse_lowlevel_ops} of libfuse 2.9 ({@code fuse_lowlevel.h}): 40 function pointers, in this order. A null pointer makes libfuse answer ENOSYS,
 * upon which the kernel does the work itself (locks) or knows not to ask again.
 */
final class LowLevelOperations extends Struct {
    final Function<LowLevelCallbacks.Init> init = function(LowLevelCallbacks.Init.class);
    final Function<LowLevelCallbacks.Destroy> destroy = function(LowLevelCallbacks.Destroy.class);
    final Function<LowLevelCallbacks.InodeAndWord> lookup = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndWord> forget = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndWord> getattr = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.SetAttributes> setattr = function(LowLevelCallbacks.SetAttributes.class);
    final Function<LowLevelCallbacks.Inode> readlink = function(LowLevelCallbacks.Inode.class);
    final Function<LowLevelCallbacks.MakeNode> mknod = function(LowLevelCallbacks.MakeNode.class);
    final Function<LowLevelCallbacks.MakeDirectory> mkdir = function(LowLevelCallbacks.MakeDirectory.class);
    final Function<LowLevelCallbacks.InodeAndWord> unlink = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndWord> rmdir = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.ThreeWords> symlink = function(LowLevelCallbacks.ThreeWords.class);
    final Function<LowLevelCallbacks.FourWords> rename = function(LowLevelCallbacks.FourWords.class);
    final Function<LowLevelCallbacks.ThreeWords> link = function(LowLevelCallbacks.ThreeWords.class);
    final Function<LowLevelCallbacks.InodeAndWord> open = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.FourWords> read = function(LowLevelCallbacks.FourWords.class);
    final Function<LowLevelCallbacks.Write> write = function(LowLevelCallbacks.Write.class);
    final Function<LowLevelCallbacks.InodeAndWord> flush = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndWord> release = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeIntAndFile> fsync = function(LowLevelCallbacks.InodeIntAndFile.class);
    final Function<LowLevelCallbacks.InodeAndWord> opendir = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.FourWords> readdir = function(LowLevelCallbacks.FourWords.class);
    final Function<LowLevelCallbacks.InodeAndWord> releasedir = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeIntAndFile> fsyncdir = function(LowLevelCallbacks.InodeIntAndFile.class);
    final Function<LowLevelCallbacks.Inode> statfs = function(LowLevelCallbacks.Inode.class);
    final Function<LowLevelCallbacks.SetExtendedAttribute> setxattr =
            function(LowLevelCallbacks.SetExtendedAttribute.class);
    final Function<LowLevelCallbacks.ThreeWords> getxattr = function(LowLevelCallbacks.ThreeWords.class);
    final Function<LowLevelCallbacks.InodeAndWord> listxattr = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndWord> removexattr = function(LowLevelCallbacks.InodeAndWord.class);
    final Function<LowLevelCallbacks.InodeAndInt> access = function(LowLevelCallbacks.InodeAndInt.class);
    final Function<LowLevelCallbacks.Create> create = function(LowLevelCallbacks.Create.class);
    final Pointer getlk = new Pointer();
    final Pointer setlk = new Pointer();
    final Pointer bmap = new Pointer();
    final Function<LowLevelCallbacks.Control> ioctl = function(LowLevelCallbacks.Control.class);
    final Pointer poll = new Pointer();
    final Pointer writeBuf = new Pointer();
    final Pointer retrieveReply = new Pointer();
    final Function<LowLevelCallbacks.InodeAndWord> forgetMulti = function(LowLevelCallbacks.InodeAndWord.class);
    final Pointer flock = new Pointer();
    final Function<LowLevelCallbacks.Allocate> fallocate = function(LowLevelCallbacks.Allocate.class);

    LowLevelOperations(Runtime runtime) {
        super(runtime);
    }
}
