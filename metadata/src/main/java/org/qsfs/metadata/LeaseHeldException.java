package org.qsfs.metadata;

import java.time.Instant;

/** Somebody else is the writer. */
public final class LeaseHeldException extends CatalogException {

    private static final long serialVersionUID = 1;

    private final String holder;
    private final Instant since;

    public LeaseHeldException(String catalog, String holder, Instant since) {
        super(
                catalog + ": the volume is mounted for writing by " + holder + " since " + since
                        + "; unmount it there. If that machine is gone for good, mount with --takeover",
                null);
        this.holder = holder;
        this.since = since;
    }

    public String holder() {
        return holder;
    }

    public Instant since() {
        return since;
    }
}
