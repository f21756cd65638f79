/**
 * Client of any zdb server: 0-db itself and our own.
 *
 * <p>{@link org.qsfs.zdb.client.ZdbClient} is the whole interface: a bounded pool of connections to <em>one</em> namespace
 * of one server. {@link org.qsfs.zdb.client.ZdbEndpoint} says which, {@link org.qsfs.zdb.client.ZdbTimeouts} how long
 * anything may take, {@link org.qsfs.zdb.client.ZdbException} what went wrong.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A connection is usable only after the server confirmed its namespace, and it never reconnects: when it breaks it is
 *       thrown away. So no command can land in another namespace.
 *   <li>Every call ends at its deadline, whatever the server does: connecting, sending and receiving are cut off by one
 *       {@code Watchdog} that closes the socket.
 *   <li>A reply that is not what the command answers, that is too long, or that is followed by bytes nobody asked for is a
 *       protocol error, and its connection is thrown away.
 * </ul>
 *
 * <p>Threading: everything public is thread-safe and blocking. Interrupting a thread ends its call.
 */
@NullMarked
package org.qsfs.zdb.client;

import org.jspecify.annotations.NullMarked;
