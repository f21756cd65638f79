package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Says which error a call answers with. */
public final class Errors {
    private Errors() {}

    public static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(FsException.class, e -> {
            if (e.errno() != errno) {
                throw new AssertionError("expected " + errno + ", found " + e.errno() + ": " + e.getMessage());
            }
        });
    }
}
