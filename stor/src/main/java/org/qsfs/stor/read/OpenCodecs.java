package org.qsfs.stor.read;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.qsfs.encryption.AttemptId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.StripeCodec;

/**
 * Codecs of the attempts that were read lately, so that their keys are not derived again for every stripe. Thread-safe.
 */
final class OpenCodecs implements AutoCloseable {
    static final int KEPT = 256;

    private final Codecs codecs;
    private final Map<AttemptId, Shared> kept = new LinkedHashMap<>(KEPT, 0.75f, true);

    OpenCodecs(Codecs codecs) {
        this.codecs = codecs;
    }

    private static final class Shared {
        final StripeCodec codec;
        /** Guarded by the map's owner, as the next. */
        int users;

        boolean dropped;

        Shared(StripeCodec codec) {
            this.codec = codec;
        }
    }

    /** A codec in use until closed. */
    final class Use implements AutoCloseable {
        private final Shared shared;

        private Use(Shared shared) {
            this.shared = shared;
        }

        StripeCodec codec() {
            return shared.codec;
        }

        @Override
        public void close() {
            synchronized (OpenCodecs.this) {
                shared.users--;
                closeIfUnused(shared);
            }
        }
    }

    /** The codec of a record's attempt. */
    synchronized Use take(SegmentRecord record) throws StorException {
        Shared shared = kept.get(record.attempt());
        if (shared == null) {
            shared = new Shared(codecs.of(record));
            kept.put(record.attempt(), shared);
            if (kept.size() > KEPT) {
                dropOldest();
            }
        }
        shared.users++;
        return new Use(shared);
    }

    private void dropOldest() {
        Iterator<Shared> oldest = kept.values().iterator();
        Shared dropped = oldest.next();
        oldest.remove();
        dropped.dropped = true;
        closeIfUnused(dropped);
    }

    private static void closeIfUnused(Shared shared) {
        if (shared.dropped && shared.users == 0) {
            shared.codec.close();
        }
    }

    /** Wipes the keys, of those in use when they are no longer. */
    @Override
    public synchronized void close() {
        while (!kept.isEmpty()) {
            dropOldest();
        }
    }
}
