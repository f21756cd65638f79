package org.qsfs.stor.segment;

/**
 * How a segment is cut in stripes: all of {@code stripeSize} plain bytes but the last, which is what remains.
 *
 * @param segmentLength plain bytes of the segment, at least 1
 * @param stripeSize plain bytes of a stripe, {@value #MIN_STRIPE_SIZE} to {@value #MAX_STRIPE_SIZE}
 */
public record StripeLayout(long segmentLength, int stripeSize) {
    /** Below this the headers of shards would weigh too much. */
    public static final int MIN_STRIPE_SIZE = 4096;

    /** Larger ones would not fit in one value of a zdb when k is 1. */
    public static final int MAX_STRIPE_SIZE = 8_000_000;

    /** Stripe size unless configured otherwise. */
    public static final int DEFAULT_STRIPE_SIZE = 4 << 20;

    /** A segment is a data file, whose offsets have 32 bits. */
    public static final long MAX_SEGMENT_LENGTH = 1L << 32;

    public StripeLayout {
        if (!isLegal(segmentLength, stripeSize)) {
            throw new IllegalArgumentException("a segment of " + segmentLength + " bytes in stripes of " + stripeSize
                    + "; expected 1 to " + MAX_SEGMENT_LENGTH + " bytes in stripes of " + MIN_STRIPE_SIZE + " to "
                    + MAX_STRIPE_SIZE);
        }
    }

    /** Whether the numbers make a layout. */
    public static boolean isLegal(long segmentLength, int stripeSize) {
        return segmentLength >= 1
                && segmentLength <= MAX_SEGMENT_LENGTH
                && stripeSize >= MIN_STRIPE_SIZE
                && stripeSize <= MAX_STRIPE_SIZE;
    }

    /** The layout of numbers that were read from somewhere. */
    public static StripeLayout checked(FieldReader in, long segmentLength, int stripeSize) throws StorException {
        if (!isLegal(segmentLength, stripeSize)) {
            throw in.damaged("its " + segmentLength + " bytes in stripes of " + stripeSize + " make no sense");
        }
        return new StripeLayout(segmentLength, stripeSize);
    }

    /** How many stripes there are, at least 1. */
    public int stripes() {
        return Math.toIntExact(Math.ceilDiv(segmentLength, (long) stripeSize));
    }

    /** First plain byte of a stripe. */
    public long offset(int stripe) {
        return (long) checked(stripe) * stripeSize;
    }

    /** Plain bytes of a stripe. */
    public int length(int stripe) {
        return (int) Math.min(stripeSize, segmentLength - offset(stripe));
    }

    /** The stripe that holds a plain byte. */
    public int stripeAt(long offset) {
        if (offset < 0 || offset >= segmentLength) {
            throw new IllegalArgumentException(
                    "byte " + offset + " is outside of a segment of " + segmentLength + " bytes");
        }
        return (int) (offset / stripeSize);
    }

    private int checked(int stripe) {
        if (stripe < 0 || stripe >= stripes()) {
            throw new IllegalArgumentException(
                    "stripe " + stripe + " is outside of a segment of " + stripes() + " stripes");
        }
        return stripe;
    }
}
