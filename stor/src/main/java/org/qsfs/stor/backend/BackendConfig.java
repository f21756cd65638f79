package org.qsfs.stor.backend;

import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * A backend as configured.
 *
 * @param id stable id, which the backend also keeps
 * @param group the group, a site for example, whose backends may be lost together
 * @param endpoint where it is now
 * @param terms how much it is to get
 */
public record BackendConfig(BackendId id, String group, ZdbEndpoint endpoint, BackendTerms terms) {
    /** On the usual terms. */
    public BackendConfig(BackendId id, String group, ZdbEndpoint endpoint) {
        this(id, group, endpoint, BackendTerms.USUAL);
    }

    /** The same backend on other terms. */
    public BackendConfig with(BackendTerms next) {
        return new BackendConfig(id, group, endpoint, next);
    }
}
