package org.qsfs.fuse.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a call that threw answers: the error number of an {@link FsException}, EIO for anything else. The latter is a defect or a machine out of memory; it is
 * logged with its stack once for each operation and kind, so that a loop of failing calls does not fill the log.
 */
public final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    private static final int MAX_REMEMBERED = 256;

    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    /** @return the positive error number for the reply */
    public int errorNumber(String operation, Throwable thrown) {
        if (thrown instanceof FsException refused) {
            return refused.errno().number();
        }
        if (logged.size() < MAX_REMEMBERED
                && logged.add(operation + " " + thrown.getClass().getName())) {
            LOG.error("{} failed and answers EIO; further failures of this kind are not logged", operation, thrown);
        }
        return Errno.EIO.number();
    }
}
