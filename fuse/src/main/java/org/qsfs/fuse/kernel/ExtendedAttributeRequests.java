package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.nio.ByteBuffer;
import java.util.List;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;

/**
 * Requests about extended attributes. Names end in NUL.
 *
 * <pre>
 * SETXATTR     0 size 4, 4 flags 4, 8 name, then value (FUSE_SETXATTR_EXT is not negotiated)
 * GETXATTR     0 size 4, 4 padding 4, 8 name                  reply: value; when size is 0: 0 size 4, 4 padding 4
 * LISTXATTR    0 size 4, 4 padding 4                          reply: names, each with its NUL; when size is 0 as above
 * REMOVEXATTR  0 name
 * </pre>
 */
final class ExtendedAttributeRequests {
    private final FileSystem fileSystem;
    private final FilePrivileges privileges;

    ExtendedAttributeRequests(FileSystem fileSystem, FilePrivileges privileges) {
        this.fileSystem = fileSystem;
        this.privileges = privileges;
    }

    void set(Exchange x) throws FsException {
        byte[] name = x.stringAt(8);
        byte[] value = x.bytesAt(8 + name.length + 1, x.sizeAt(0));
        fileSystem.setExtendedAttribute(x.caller(), x.node(), name, value, x.intAt(4));
        privileges.attributeSet(x.node(), name);
        x.reply(0);
    }

    void get(Exchange x) throws FsException {
        int room = x.sizeAt(0);
        answer(x, room, fileSystem.getExtendedAttribute(x.caller(), x.node(), x.stringAt(8)));
    }

    void list(Exchange x) throws FsException {
        int room = x.sizeAt(0);
        List<byte[]> names = fileSystem.listExtendedAttributes(x.caller(), x.node());
        ByteBuffer joined =
                ByteBuffer.allocate(names.stream().mapToInt(n -> n.length + 1).sum());
        names.forEach(n -> joined.put(n).put((byte) 0));
        answer(x, room, joined.array());
    }

    private static void answer(Exchange x, int room, byte[] value) throws FsException {
        if (room == 0) {
            x.body().set(JAVA_INT, 0, value.length);
            x.body().set(JAVA_INT, 4, 0);
            x.reply(8);
        } else if (value.length > room) {
            throw new FsException(Errno.ERANGE);
        } else {
            x.bodyBuffer(value.length).put(value);
            x.reply(value.length);
        }
    }

    void remove(Exchange x) throws FsException {
        fileSystem.removeExtendedAttribute(x.caller(), x.node(), x.stringAt(0));
        x.reply(0);
    }
}
