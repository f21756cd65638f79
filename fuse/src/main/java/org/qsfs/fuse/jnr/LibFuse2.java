package org.qsfs.fuse.jnr;

/** Functions of libfuse 2.9 ({@code fuse_lowlevel.h}, {@code fuse_common.h}). Pointers are addresses; replies return 0 or a negated error number. */
public interface LibFuse2 {
    /** @return {@code struct fuse_chan *}, 0 on failure */
    long fuse_mount(long mountpoint, long args);

    /** @return {@code struct fuse_session *}, 0 on failure */
    long fuse_lowlevel_new(long args, long operations, long operationsSize, long userdata);

    void fuse_session_add_chan(long session, long channel);

    void fuse_session_process(long session, long buffer, long length, long channel);

    int fuse_session_exited(long session);

    /** Closes the channel too. */
    void fuse_session_destroy(long session);

    void fuse_unmount(long mountpoint, long channel);

    long fuse_chan_bufsize(long channel);

    int fuse_chan_recv(long channelPointer, long buffer, long size);

    /** @return {@code struct fuse_ctx *}: uid, gid, pid, umask, 4 bytes each */
    long fuse_req_ctx(long request);

    /** Has a function called when the request is interrupted, at once if it has been. Until the reply. */
    void fuse_req_interrupt_func(long request, LowLevelCallbacks.Interrupt function, long data);

    int fuse_reply_err(long request, int error);

    void fuse_reply_none(long request);

    int fuse_reply_entry(long request, long entry);

    int fuse_reply_create(long request, long entry, long fileInfo);

    int fuse_reply_attr(long request, long stat, double timeout);

    int fuse_reply_readlink(long request, long target);

    int fuse_reply_open(long request, long fileInfo);

    int fuse_reply_write(long request, long count);

    int fuse_reply_buf(long request, long buffer, long size);

    int fuse_reply_ioctl(long request, int result, long buffer, long size);

    int fuse_reply_statfs(long request, long statvfs);

    int fuse_reply_xattr(long request, long count);

    int fuse_lowlevel_notify_inval_inode(long channel, long inode, long offset, long length);

    int fuse_lowlevel_notify_inval_entry(long channel, long parent, long name, long nameLength);
}
