package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalConfig;
import org.qsfs.fs.journal.JournalDamage;
import org.qsfs.fs.journal.JournalDamagedException;
import org.qsfs.fs.journal.RecoveredVolume;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.zdb.log.MissingSegments;
import org.qsfs.zdb.log.SegmentLogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recovers the journal of a volume whose segments may be here, or stored, or both. */
final class JournalOpening {
    private static final Logger log = LoggerFactory.getLogger(JournalOpening.class);

    private final VolumeConfig config;
    private final SegmentStore store;
    private final Terms terms;
    private final Publisher publisher;
    private final StripeCache cache;

    JournalOpening(VolumeConfig config, SegmentStore store, Terms terms, Publisher publisher, StripeCache cache) {
        this.config = config;
        this.store = store;
        this.terms = terms;
        this.publisher = publisher;
        this.cache = cache;
    }

    /** @throws JournalDamagedException when it is damaged where it was durable and there is no stored copy of that */
    RecoveredVolume open(Origin origin, Volume.Start start, SegmentLogConfig data, SegmentLogConfig meta)
            throws IOException {
        return recover(config(origin, start, data, meta));
    }

    private JournalConfig config(Origin origin, Volume.Start start, SegmentLogConfig data, SegmentLogConfig meta)
            throws IOException {
        int known =
                origin.heads().newest().map(head -> head.lastMeta().number()).orElse(-1);
        MissingSegments storedData = new StoredSegments(
                store,
                SegmentNamespace.DATA,
                this::readThroughCache,
                number -> terms.identify(SegmentNamespace.DATA, number),
                number -> true);
        MissingSegments storedMeta = new StoredSegments(
                store,
                SegmentNamespace.META,
                this::readThroughCache,
                number -> terms.identify(SegmentNamespace.META, number),
                number -> number <= Math.max(known, publisher.lastPublished()));
        String bootId =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        RowStoreConfig rows = RowStoreConfig.of(
                        config.directory().resolve("index"), config.id().toString(), bootId)
                .withMemory(config.memory().indexMegabytes(), config.memory().overlay());
        JournalConfig journalConfig = JournalConfig.of(
                        config.id(),
                        terms.current().epoch(),
                        data.withMissing(storedData),
                        meta.withMissing(storedMeta),
                        rows)
                .withFirstSegments(terms.current().firstData(), terms.current().firstMeta())
                .withMode(start == Volume.Start.REPAIR ? JournalConfig.Mode.REPAIR : JournalConfig.Mode.READ_WRITE);
        return origin.chainEnd() == null ? journalConfig : journalConfig.withHead(origin.chainEnd());
    }

    private void readThroughCache(SegmentRecord record, long offset, ByteBuffer dst) throws IOException {
        cache.read(record.id(), record.layout(), offset, dst);
    }

    /** Segments that are damaged here and stored are set aside once, so that the stored ones are read. */
    private RecoveredVolume recover(JournalConfig journalConfig) throws IOException {
        try {
            return Journal.open(journalConfig);
        } catch (JournalDamagedException e) {
            boolean replaced = false;
            for (JournalDamage damage : e.damage()) {
                SegmentId id =
                        terms.identify(SegmentNamespace.META, damage.position().segment());
                Path local = LocalSegments.dataFile(config, id);
                if (LocalSegments.isStored(store, id)
                        && id.number() <= publisher.lastPublished()
                        && Files.exists(local)) {
                    log.warn("journal segment {} is damaged here and read from the backends instead: {}", id, damage);
                    Files.move(
                            local,
                            local.resolveSibling(local.getFileName() + ".damaged"),
                            StandardCopyOption.REPLACE_EXISTING);
                    replaced = true;
                }
            }
            if (!replaced) {
                throw e;
            }
            return Journal.open(journalConfig);
        }
    }
}
