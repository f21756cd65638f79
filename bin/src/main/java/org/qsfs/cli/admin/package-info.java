/**
 * How commands talk to the daemon that has a volume open: a unix socket that only its owner may use.
 *
 * <p>One connection carries one request. Both sides send JSON objects, one per line:
 *
 * <pre>
 * → {"command":"flush","arguments":{}}
 * ← {"progress":"uploading","done":3,"total":9,"unit":"segments"}     any number of times
 * ← {"alive":true}                                                    when nothing else was sent for two seconds
 * ← {"result":{...},"exit":0}   or   {"error":"text","exit":1}        once, the last line
 * </pre>
 *
 * <p>{@link org.qsfs.cli.admin.AdminServer} runs {@link org.qsfs.cli.admin.AdminCommand}s, each connection on a virtual thread;
 * {@link org.qsfs.cli.admin.AdminClient} sends one. Every wait has a deadline: a request must arrive within ten seconds, a client gives up when the daemon
 * has been silent for thirty.
 */
@NullMarked
package org.qsfs.cli.admin;

import org.jspecify.annotations.NullMarked;
