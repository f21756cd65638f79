package org.qsfs.stor.repair;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendMarker;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what is alive on one backend to an empty namespace that is to take its place: every value that a record names and that is good, and last the marker. What is
 * written to the backend meanwhile is not copied; who changes over looks for that afterwards.
 */
final class BackendCopy {
    private static final Logger LOG = LoggerFactory.getLogger(BackendCopy.class);

    private final SegmentCatalog catalog;
    private final Codecs codecs;
    private final VolumeId volume;
    private final RateLimit rate;

    BackendCopy(SegmentCatalog catalog, Codecs codecs, VolumeId volume, RateLimit rate) {
        this.catalog = catalog;
        this.codecs = codecs;
        this.volume = volume;
        this.rate = rate;
    }

    /**
     * Copies.
     *
     * @param target the namespace that will be this backend
     * @return shards and bytes that were copied
     * @throws StorException.WrongBackend when the target is some other backend's already
     * @throws IOException when the target does not take a value
     */
    Movement copy(Backend from, ZdbClient target, Movement.Progress progress) throws IOException, InterruptedException {
        BackendMarker marker = new BackendMarker(volume, from.id());
        try {
            refuseSequential(target);
            refuseOther(target, marker);
            List<SegmentId> there = on(from.id());
            Movement copied = Movement.NONE;
            for (int i = 0; i < there.size(); i++) {
                progress.at(i, there.size());
                Optional<SegmentRecord> record = catalog.find(there.get(i));
                if (record.isPresent()) {
                    copied = copied.plus(1, copy(record.get(), from, target));
                }
            }
            target.set(BackendMarker.key(), marker.encode());
            progress.at(there.size(), there.size());
            return copied;
        } catch (ZdbException failed) {
            throw new IOException(
                    "copying backend " + from.id() + " to " + target.endpoint() + " failed: " + failed.getMessage(),
                    failed);
        }
    }

    private long copy(SegmentRecord record, Backend from, ZdbClient target) throws IOException, InterruptedException {
        long bytes = 0;
        try (StripeCodec codec = codecs.of(record)) {
            for (int shard = 0; shard < record.shards().size(); shard++) {
                if (isThere(record.shards().get(shard), from.id())) {
                    for (int stripe = 0; stripe < record.layout().stripes(); stripe++) {
                        ShardName name = new ShardName(volume, record.attempt(), stripe, shard);
                        bytes += copy(codec, name, record.shards().get(shard).keys(), from, target);
                    }
                }
            }
        }
        return bytes;
    }

    private long copy(StripeCodec codec, ShardName name, ShardKeys keys, Backend from, ZdbClient target)
            throws InterruptedException {
        Optional<byte[]> value;
        try {
            rate.acquire(2L * codec.longestValue(name.stripe()));
            value = from.read(name, keys)
                    .filter(bytes -> codec.check(name.stripe(), name.shard(), bytes) instanceof ShardCheck.Good);
        } catch (ZdbException notReadable) {
            LOG.info(
                    "stripe {} of {} is not copied: {}",
                    name.stripe(),
                    codec.attempt().segment(),
                    notReadable.getMessage());
            value = Optional.empty();
        }
        value.ifPresent(bytes -> target.set(name.encode(), bytes));
        return value.map(bytes -> bytes.length).orElse(0);
    }

    /** In a sequential one the values would get other keys than the records name; whereas in user mode they are found by their names, whatever the records say. */
    private static void refuseSequential(ZdbClient target) throws StorException {
        if (target.info().mode() != NamespaceMode.USER) {
            throw new StorException.WrongBackend(
                    target.endpoint()
                            + " is sequential; a backend can be copied to a namespace in user mode only. To change over to this one, use: qsfs backend replace");
        }
    }

    private static void refuseOther(ZdbClient target, BackendMarker marker) throws StorException {
        Optional<byte[]> found = target.get(BackendMarker.key());
        if (found.isPresent() && !BackendMarker.decode(found.get()).equals(marker)) {
            throw new StorException.WrongBackend(
                    target.endpoint() + " is in use by another backend already; take an empty namespace");
        }
    }

    private List<SegmentId> on(BackendId backend) throws StorException {
        List<SegmentId> there = new ArrayList<>();
        for (SegmentRecord record : catalog.all()) {
            if (record.state().servesReads() && record.shards().stream().anyMatch(place -> isThere(place, backend))) {
                there.add(record.id());
            }
        }
        return there;
    }

    private static boolean isThere(ShardPlace place, BackendId backend) {
        return place.backend().equals(backend) && place.state() == ShardState.PRESENT;
    }
}
