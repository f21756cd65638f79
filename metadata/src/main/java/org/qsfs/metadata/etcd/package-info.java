/**
 * The catalog in an etcd cluster: {@link org.qsfs.metadata.etcd.EtcdCatalog}, configured by {@link
 * org.qsfs.metadata.etcd.EtcdConfig}.
 *
 * <p>{@code EtcdSession} is the connection: deadlines, another member when one fails, errors. {@code EtcdWriterLease} is the
 * lease, {@code EtcdHousekeeping} what the writer does for the cluster.
 */
@NullMarked
package org.qsfs.metadata.etcd;

import org.jspecify.annotations.NullMarked;
