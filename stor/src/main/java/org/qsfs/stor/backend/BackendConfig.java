package org.qsfs.stor.backend;

import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * A backend as configured.
 *
 * @param id stable id, which the backend also keeps
 * @param group the group, a site for example, whose backends may be lost together
 * @param endpoint where it is now
 */
public record BackendConfig(BackendId id, String group, ZdbEndpoint endpoint) {}
