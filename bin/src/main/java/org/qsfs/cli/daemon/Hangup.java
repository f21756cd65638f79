package org.qsfs.cli.daemon;

import jnr.constants.platform.Signal;
import jnr.posix.util.SunMiscSignal;

/** SIGHUP, which would end the process, does something else. */
final class Hangup {
    private Hangup() {}

    /**
     * Not by {@code POSIX.signal}: that runs Java code inside of the signal handler, on whatever thread it comes, until the collector takes the handler away.
     *
     * @param action run on a thread of its own at every SIGHUP from now on
     */
    static void does(Runnable action) {
        SunMiscSignal.signal(Signal.SIGHUP, number -> action.run());
    }
}
