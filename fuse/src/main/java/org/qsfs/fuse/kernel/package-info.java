/**
 * The FUSE protocol spoken directly on {@code /dev/fuse} through {@code java.lang.foreign}; no libfuse.
 *
 * <p>{@link org.qsfs.fuse.kernel.KernelConnection} opens the device, mounts and negotiates ({@code Negotiation}). Each worker reads requests from a descriptor of
 * its own, cloned from the first, into an {@code Exchange}: one page-aligned buffer that holds the request and then the reply. {@code Dispatcher} sends it to the
 * class for its kind: {@code NameRequests}, {@code AttributeRequests}, {@code ExtendedAttributeRequests}, {@code FileRequests}, {@code DirectoryRequests}.
 * Layouts are those of {@code linux/fuse.h} (include/uapi/linux/fuse.h, protocol 7.38); each class shows the structs that it reads or writes, offsets in
 * bytes, all numbers in the machine's byte order. Every request begins with:
 *
 * <pre>
 * struct fuse_in_header                        struct fuse_out_header
 * offset  size  field                          offset  size  field
 *      0     4  len    with this header             0     4  len     with this header
 *      4     4  opcode                              4     4  error   0 or negated error number
 *      8     8  unique                              8     8  unique  of the request; 0 in a notification
 *     16     8  nodeid our inode number
 *     24     4  uid
 *     28     4  gid
 *     32     4  pid    0 from another pid namespace
 *     36     2  total_extlen
 *     38     2  padding
 * </pre>
 *
 * <p>Invariants: a handler reads all arguments before it begins the reply, since both share the buffer; each request but FORGET, BATCH_FORGET and INTERRUPT gets
 * exactly one reply; a reply that the kernel did not want any more takes back the lookup or handle it carried. Threading: an exchange belongs to one
 * worker; everything else is shared and immutable or concurrent.
 */
@NullMarked
package org.qsfs.fuse.kernel;

import org.jspecify.annotations.NullMarked;
