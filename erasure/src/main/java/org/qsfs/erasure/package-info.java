/** Reed-Solomon erasure coding: any k of n shards give the data back. */
@NullMarked
package org.qsfs.erasure;

import org.jspecify.annotations.NullMarked;
