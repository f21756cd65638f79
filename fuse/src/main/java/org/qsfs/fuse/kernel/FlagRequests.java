package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.FlagControl;

/**
 * ioctl(2), of which there are flags of inodes only.
 *
 * <pre>
 * IOCTL  0 fh 8, 8 flags 4, 12 cmd 4, 16 arg 8, 24 in_size 4, 28 out_size 4, 32 argument
 *        reply: 0 result 4, 4 flags 4, 8 in_iovs 4, 12 out_iovs 4, 16 answer
 * </pre>
 */
final class FlagRequests {
    private static final int REPLY_HEADER = 16;

    private final FileSystem fileSystem;
    private final FlagControl.Changed changed;

    FlagRequests(FileSystem fileSystem, FlagControl.Changed changed) {
        this.fileSystem = fileSystem;
        this.changed = changed;
    }

    void control(Exchange x) throws FsException {
        int room = x.sizeAt(28);
        byte[] argument = x.bytesAt(32, x.sizeAt(24));
        byte[] answer = FlagControl.call(fileSystem, x.caller(), x.node(), x.intAt(12), argument, changed);
        if (answer.length > room) {
            throw new FsException(Errno.EINVAL, "room for " + room + " bytes where the answer has " + answer.length);
        }
        x.body().set(JAVA_INT, 0, 0);
        x.body().set(JAVA_INT, 4, 0);
        x.body().set(JAVA_INT, 8, 0);
        x.body().set(JAVA_INT, 12, 0);
        x.body().asSlice(REPLY_HEADER, answer.length).copyFrom(MemorySegment.ofArray(answer));
        x.reply(REPLY_HEADER + answer.length);
    }
}
