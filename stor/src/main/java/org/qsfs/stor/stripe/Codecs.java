package org.qsfs.stor.stripe;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.UnknownKeyVersionException;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StripeLayout;

/**
 * Makes the codecs of a volume's attempts; they share scratch memory and Reed-Solomon codes.
 *
 * <p>Thread-safe.
 */
public final class Codecs implements AutoCloseable {
    private final VolumeId volume;
    private final VolumeKeys keys;
    private final int keepScratch;
    private final Map<Integer, Scratch> scratches = new ConcurrentHashMap<>();
    private final Map<Integer, ArrayPool> plains = new ConcurrentHashMap<>();
    private final Map<ValueShape, ArrayPool> valueSets = new ConcurrentHashMap<>();
    private final Map<Shape, ReedSolomon> codes = new ConcurrentHashMap<>();

    private record Shape(int k, int n) {}

    private record ValueShape(int n, int length) {}

    /** @param keepScratch how many sets of scratch arrays to keep when they are not used */
    public Codecs(VolumeKeys keys, int keepScratch) {
        this.volume = keys.volume();
        this.keys = keys;
        this.keepScratch = keepScratch;
    }

    /** Codec of a new attempt, under the current master key. */
    public StripeCodec begin(SegmentId segment, RedundancyPolicy policy, StripeLayout layout) throws StorException {
        return codec(new Attempt(volume, segment, AttemptId.random(), keys.currentVersion(), policy, layout));
    }

    /** Codec of the attempt that a record names; the caller closes it. */
    public StripeCodec of(SegmentRecord record) throws StorException {
        return codec(Attempt.of(volume, record));
    }

    /** Codec of an attempt of this volume; the caller closes it. */
    public StripeCodec of(Attempt attempt) throws StorException {
        return codec(attempt);
    }

    /** The volume. */
    public VolumeId volume() {
        return volume;
    }

    private StripeCodec codec(Attempt attempt) throws StorException {
        SegmentId segment = attempt.segment();
        RedundancyPolicy policy = attempt.policy();
        try {
            return new StripeCodec(
                    attempt,
                    keys.attempt(
                            attempt.keyVersion(),
                            attempt.id(),
                            segment.namespace().code(),
                            segment.number()),
                    codes.computeIfAbsent(
                            new Shape(policy.minimalShards(), policy.expectedShards()),
                            shape -> ReedSolomon.of(shape.k(), shape.n() - shape.k())),
                    scratches.computeIfAbsent(
                            attempt.layout().stripeSize(), stripeSize -> new Scratch(stripeSize, keepScratch)),
                    plains.computeIfAbsent(attempt.layout().stripeSize(), stripeSize -> new ArrayPool(1, stripeSize)),
                    valueSets.computeIfAbsent(
                            new ValueShape(
                                    policy.expectedShards(),
                                    StripeCodec.longestValue(attempt.layout().stripeSize(), policy.minimalShards())),
                            shape -> new ArrayPool(shape.n(), shape.length())));
        } catch (UnknownKeyVersionException unknown) {
            throw new StorException.Damaged("segment " + segment + " cannot be opened: " + unknown.getMessage());
        }
    }

    /** Frees scratch memory. */
    @Override
    public void close() {
        scratches.values().forEach(Scratch::close);
    }
}
