/** What the backends hold of the volume as a whole: its header ({@link org.qsfs.stor.volume.VolumeHeaders}) and its head ({@link org.qsfs.stor.volume.HeadCopies}). */
@NullMarked
package org.qsfs.stor.volume;

import org.jspecify.annotations.NullMarked;
