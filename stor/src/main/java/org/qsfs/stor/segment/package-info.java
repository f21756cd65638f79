/**
 * The words that the whole stor engine speaks: what a segment is called ({@link org.qsfs.stor.segment.SegmentId}), what the catalog says of it ({@link
 * org.qsfs.stor.segment.SegmentRecord}), the states it goes through ({@link org.qsfs.stor.segment.StoredState}), what of a volume is published ({@link org.qsfs.stor.segment.Head}) and what can fail ({@link org.qsfs.stor.segment.StorException}).
 *
 * <p>Catalog keys (format; values are sealed by the catalog with the key as associated data):
 *
 * <pre>
 * segment/&lt;data|meta&gt;/&lt;number, 8 hex digits&gt;/&lt;epoch, 16 hex digits&gt;   {@link org.qsfs.stor.segment.SegmentRecord}
 * head                                                            {@link org.qsfs.stor.segment.Head}
 * scrub/&lt;check|read&gt;                                              {@link org.qsfs.stor.scrub.ScrubState}
 * orphans/collected                                               {@link org.qsfs.stor.deletion.LastCollection}
 * </pre>
 *
 * <p>Everything here is an immutable value. Parsing is bounded by the length of what is parsed, whoever wrote it.
 */
@NullMarked
package org.qsfs.stor.segment;

import org.jspecify.annotations.NullMarked;
