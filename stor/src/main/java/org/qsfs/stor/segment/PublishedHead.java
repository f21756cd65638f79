package org.qsfs.stor.segment;

/**
 * The head as the catalog holds it.
 *
 * @param head what is published
 * @param revision the catalog's revision of it, which the next publication is conditional on
 */
public record PublishedHead(Head head, long revision) {}
