package org.qsfs.fuse.kernel;

import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.session.DirectWrites;
import org.qsfs.fuse.session.Failures;
import org.qsfs.fuse.session.FlagControl;
import org.qsfs.fuse.session.OpenFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each request to the class for its kind, and answers for it when that fails. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final NameRequests names;
    private final AttributeRequests attributes;
    private final ExtendedAttributeRequests extended;
    private final FlagRequests flags;
    private final FileRequests files;
    private final DirectoryRequests directories;
    private final Interrupts interrupts;
    private final Failures failures = new Failures();
    private final boolean debug;

    Dispatcher(
            FileSystem fileSystem,
            OpenFiles openFiles,
            MountOptions options,
            Negotiation negotiation,
            CollectedPages collectedPages,
            FlagControl.Changed attributesChanged,
            DirectWrites directWrites,
            Interrupts interrupts) {
        this.interrupts = interrupts;
        EntryOut entries = new EntryOut(options.cacheTimeout());
        FilePrivileges privileges = new FilePrivileges(fileSystem);
        names = new NameRequests(fileSystem, entries, privileges);
        attributes = new AttributeRequests(fileSystem, entries, privileges, negotiation.writeback());
        extended = new ExtendedAttributeRequests(fileSystem, privileges);
        flags = new FlagRequests(fileSystem, attributesChanged);
        files = new FileRequests(
                fileSystem,
                entries,
                privileges,
                openFiles,
                negotiation,
                collectedPages,
                directWrites,
                options.keepPages());
        directories = new DirectoryRequests(fileSystem, entries, openFiles, options.keepPages());
        debug = options.debug();
    }

    void handle(Exchange x) {
        Opcode opcode = Opcode.of(x.opcode());
        if (debug) {
            LOG.debug("{} {} node {} pid {}", x.unique(), opcode == null ? x.opcode() : opcode, x.node(), x.pid());
        }
        try {
            dispatch(opcode, x);
        } catch (FsException | RuntimeException | Error e) {
            int number = failures.errorNumber(opcode == null ? "unknown request" : opcode.name(), e);
            if (debug) {
                LOG.debug("{} failed: {}", x.unique(), e.toString());
            }
            if (opcode == null || !opcode.isOneWay()) {
                x.replyError(number);
            }
        }
    }

    private void dispatch(@Nullable Opcode opcode, Exchange x) throws FsException {
        switch (opcode) {
            case LOOKUP -> names.lookup(x);
            case FORGET -> names.forget(x);
            case BATCH_FORGET -> names.forgetMany(x);
            case MKNOD -> names.makeNode(x);
            case MKDIR -> names.makeDirectory(x);
            case SYMLINK -> names.makeSymlink(x);
            case READLINK -> names.readSymlink(x);
            case LINK -> names.link(x);
            case UNLINK -> names.unlink(x);
            case RMDIR -> names.removeDirectory(x);
            case RENAME -> names.rename(x);
            case RENAME2 -> names.renameWithFlags(x);
            case GETATTR -> attributes.get(x);
            case STATX -> attributes.getExtended(x);
            case SETATTR -> attributes.set(x);
            case IOCTL -> flags.control(x);
            case ACCESS -> attributes.access(x);
            case STATFS -> attributes.statistics(x);
            case SETXATTR -> extended.set(x);
            case GETXATTR -> extended.get(x);
            case LISTXATTR -> extended.list(x);
            case REMOVEXATTR -> extended.remove(x);
            case OPEN -> files.open(x);
            case CREATE -> files.create(x);
            case TMPFILE -> files.createNameless(x);
            case READ -> files.read(x);
            case WRITE -> files.write(x);
            case FLUSH -> files.flush(x);
            case FSYNC -> files.fsync(x);
            case RELEASE -> files.release(x);
            case FALLOCATE -> files.allocate(x);
            case LSEEK -> files.seek(x);
            case COPY_FILE_RANGE -> files.copyRange(x);
            case OPENDIR -> directories.open(x);
            case READDIR -> directories.read(x);
            case READDIRPLUS -> directories.readPlus(x);
            case FSYNCDIR -> directories.fsync(x);
            case RELEASEDIR -> directories.release(x);
            case DESTROY -> x.reply(0);
            case INTERRUPT -> interrupts.interrupt(x);
            case INIT -> throw new FsException(Errno.EIO, "INIT came twice");
            case null -> throw new FsException(Errno.ENOSYS);
        }
    }
}
