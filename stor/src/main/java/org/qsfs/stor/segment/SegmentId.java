package org.qsfs.stor.segment;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Identity of a segment (format): the term of the writer that filled it, the namespace, and the number of the data file in that namespace. Two writers may have
 * filled a data file of the same number; the epoch tells them apart.
 *
 * <p>Ordered by namespace, number, epoch, which is also the order of {@linkplain #catalogKey() catalog keys}.
 *
 * @param epoch term of the writer, at least 0
 * @param namespace namespace of the data file
 * @param number number N of the data file {@code dN}, at least 0
 */
public record SegmentId(long epoch, SegmentNamespace namespace, int number) implements Comparable<SegmentId> {
    /** Prefix of the catalog keys of all segment records. */
    public static final String CATALOG_PREFIX = "segment/";

    private static final Comparator<SegmentId> ORDER = Comparator.comparing(SegmentId::namespace)
            .thenComparingInt(SegmentId::number)
            .thenComparingLong(SegmentId::epoch);
    private static final HexFormat HEX = HexFormat.of();
    private static final int NUMBER_DIGITS = 8;
    private static final int EPOCH_DIGITS = 16;

    public SegmentId {
        if (epoch < 0 || number < 0) {
            throw new IllegalArgumentException(
                    "a segment needs an epoch and a number of at least 0, found epoch " + epoch + ", number " + number);
        }
    }

    /** Identity of a segment of file bytes. */
    public static SegmentId data(long epoch, int number) {
        return new SegmentId(epoch, SegmentNamespace.DATA, number);
    }

    /** Identity of a segment of the journal. */
    public static SegmentId meta(long epoch, int number) {
        return new SegmentId(epoch, SegmentNamespace.META, number);
    }

    /** {@code segment/<data|meta|object>/<number, 8 hex digits>/<epoch, 16 hex digits>} (format). */
    public String catalogKey() {
        return CATALOG_PREFIX + namespace.word() + '/' + HEX.toHexDigits(number) + '/' + HEX.toHexDigits(epoch);
    }

    /** The segment that a catalog key names, empty when it is not the key of a segment record. */
    public static Optional<SegmentId> ofCatalogKey(String key) {
        String[] parts = key.split("/", -1);
        if (parts.length != 4
                || !CATALOG_PREFIX.equals(parts[0] + '/')
                || parts[2].length() != NUMBER_DIGITS
                || parts[3].length() != EPOCH_DIGITS) {
            return Optional.empty();
        }
        Optional<SegmentNamespace> namespace = SegmentNamespace.ofWord(parts[1]);
        try {
            int number = HexFormat.fromHexDigits(parts[2]);
            long epoch = HexFormat.fromHexDigitsToLong(parts[3]);
            return number < 0 || epoch < 0
                    ? Optional.empty()
                    : namespace
                            .map(found -> new SegmentId(epoch, found, number))
                            .filter(id -> id.catalogKey().equals(key));
        } catch (IllegalArgumentException notHexadecimal) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(SegmentId other) {
        return ORDER.compare(this, other);
    }

    /** For messages: {@code data/42@3} is data file 42 of epoch 3. */
    @Override
    public String toString() {
        return namespace.word() + '/' + number + '@' + epoch;
    }
}
