/**
 * The RESP server: 0-db's commands over TCP and unix sockets.
 *
 * <p>A {@link org.qsfs.zdb.server.Listener} accepts, a {@link org.qsfs.zdb.server.Connection} serves one client on its own virtual
 * thread: {@link org.qsfs.zdb.server.RequestReader} reads a request, {@link org.qsfs.zdb.server.Commands} finds its handler, the
 * handler answers into the {@link org.qsfs.zdb.server.ReplyWriter}. Values travel in chunks of the
 * {@link org.qsfs.zdb.server.ChunkPool}, which bounds the memory of all connections together.
 *
 * <p>Invariants: the reply to a write leaves after its commit is as durable as the sync mode promises (pipelined writes wait
 * once); a connection that broke the protocol is answered once and closed; no hook runs on a connection's thread but
 * {@code missing-data}, for which only the requests wait that need the file.
 */
@NullMarked
package org.qsfs.zdb.server;

import org.jspecify.annotations.NullMarked;
