package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.encryption.UnlockedHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.fs.offload.HeadSearch;
import org.qsfs.fs.offload.Volume;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.rebuild.IncompleteRebuild;
import org.qsfs.stor.rebuild.RecordRebuild;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.volume.HeadCopies;
import org.qsfs.stor.volume.VolumeHeaders;

/**
 * Makes a lost catalog again, or completes one that was set back: from nothing but the backends and the volume's secret. The volume header is taken from the backends, every segment's record is made
 * of its shards, and the head is the end of the longest chain of journal segments whose needs are complete. The writer's epoch is above any that was seen.
 */
public final class CatalogRebuild {
    private final Config config;
    private final Home home;
    private final Progress progress;

    public CatalogRebuild(Config config, Home home, Progress progress) {
        this.config = config;
        this.home = home;
        this.progress = progress;
    }

    /**
     * What was found and done.
     *
     * @param records what became of the segment records
     * @param unreadable segments of which fewer than k shards were found
     * @param unknown attempts of which no value could be proved
     * @param notAsked backends that did not answer
     * @param objects single files of which every piece was found
     * @param before the head that the catalog had
     * @param head the head that it has now
     */
    public record Report(
            VolumeId volume,
            RecordRebuild.Outcome records,
            int unreadable,
            int unknown,
            List<BackendFailure> notAsked,
            int objects,
            Optional<Head> before,
            Optional<Head> head) {
        /** Whether more backends could give more. */
        public boolean isComplete() {
            return unreadable == 0 && unknown == 0 && notAsked.isEmpty();
        }
    }

    /**
     * Rebuilds. The caller holds the lock of the volume on this machine.
     *
     * @param takeOver whether to do so though another writer holds the volume's lease
     * @param acceptLoss whether what is not found counts as lost
     */
    public Report run(boolean takeOver, boolean acceptLoss) throws IOException, InterruptedException, CommandFailure {
        try (Catalog catalog = CatalogConnection.open(config)) {
            catalog.checkWritable();
            Optional<VolumeId> known = VolumeSetup.existing(config, catalog);
            VolumeId volume = known.isPresent() ? known.get() : BackendHeaders.volume(config);
            BackendPool pool =
                    BackendPool.open(volume, BackendSettings.backends(config), BackendSettings.pool(config), false);
            boolean handedOver = false;
            try {
                VolumeHeaders headers = new VolumeHeaders(catalog, pool);
                UnlockedHeader unlocked = VolumeUnlock.unlock(config, home, volume, headers.copies());
                try (VolumeKeys keys = unlocked.keys()) {
                    VolumeSetup.pin(
                            config.source(),
                            home,
                            new Config.Identity(volume, unlocked.header().commitment()));
                    progress.report("listing the backends", 0, 0, "");
                    RecordRebuild found = RecordRebuild.look(pool, keys);
                    SealedCatalog sealed = new SealedCatalog(catalog, keys.sealer("catalog"), volume);
                    try (WriterLease lease = sealed.acquire(claim(found, pool, keys, takeOver))) {
                        headers.store(unlocked.header(), config.redundancy(), lease);
                        progress.report("writing records", 0, found.records().size(), "segments");
                        RecordRebuild.Outcome outcome = found.write(sealed, lease);
                        if (acceptLoss) {
                            IncompleteRebuild.forget(sealed, lease);
                        }
                        StorEngine engine = StorEngine.open(BackendSettings.engine(config), sealed, lease, keys, pool);
                        handedOver = true;
                        try (engine) {
                            return report(volume, found, outcome, engine, found.isComplete() || acceptLoss);
                        }
                    }
                }
            } finally {
                if (!handedOver) {
                    pool.close();
                }
            }
        }
    }

    private LeaseRequest claim(RecordRebuild found, BackendPool pool, VolumeKeys keys, boolean takeOver)
            throws IOException, InterruptedException {
        Path directory = home.volume(config.volume()).directory();
        OptionalLong local = Volume.localEpoch(directory);
        long seen = LongStream.of(
                        found.highestEpoch(),
                        local.orElse(0),
                        new HeadCopies(pool, keys).newest().map(Head::epoch).orElse(0L))
                .max()
                .orElseThrow();
        // a machine whose state is the newest goes on in its epoch; its mount then uploads what nobody else has
        OptionalLong own = local.isPresent() && local.getAsLong() == seen ? local : OptionalLong.empty();
        return new LeaseRequest(Holder.of(directory), own, takeOver).havingSeen(seen);
    }

    private Report report(
            VolumeId volume, RecordRebuild found, RecordRebuild.Outcome outcome, StorEngine engine, boolean complete)
            throws IOException, CommandFailure {
        progress.report("searching the head", 0, 0, "");
        Optional<PublishedHead> before = engine.head();
        Path scratch = Files.createTempDirectory(home.volume(config.volume()).directory(), "rebuild-");
        Optional<Head> head;
        try {
            head = HeadSearch.search(engine, scratch);
        } finally {
            deleteTree(scratch);
        }
        if (head.isPresent()
                && !head.equals(before.map(PublishedHead::head))
                && !engine.publishHead(before, head.get())) {
            throw new CommandFailure("the head of volume \"" + config.volume()
                    + "\" was changed by somebody else meanwhile; run the command again");
        }
        progress.report("looking for single files", 0, 0, "");
        int objects = StoredObjects.of(engine, home.volume(config.volume()).directory())
                .rebuildRecords(complete);
        return new Report(
                volume,
                outcome,
                found.unreadable().size(),
                found.unknownAttempts(),
                found.notAsked(),
                objects,
                before.map(PublishedHead::head),
                head);
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
