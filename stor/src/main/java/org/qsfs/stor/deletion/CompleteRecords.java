package org.qsfs.stor.deletion;

import java.util.Optional;
import org.qsfs.metadata.Catalog;
import org.qsfs.stor.catalog.HeadPublisher;
import org.qsfs.stor.rebuild.IncompleteRebuild;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.volume.HeadCopies;

/** Whether a shard that no record names is one that nobody needs: not while the catalog may lack records. Thread-safe. */
public final class CompleteRecords {
    private final Catalog catalog;
    private final HeadPublisher heads;
    private final HeadCopies copies;

    /** @param catalog with opened (unsealed) values */
    public CompleteRecords(Catalog catalog, HeadPublisher heads, HeadCopies copies) {
        this.catalog = catalog;
        this.heads = heads;
        this.copies = copies;
    }

    /** @throws StorException.Conflict when the catalog was set back, filled from a copy, or rebuilt from less than everything */
    public void require() throws StorException, InterruptedException {
        IncompleteRebuild.requireOwn(catalog);
        Optional<IncompleteRebuild> rebuild = IncompleteRebuild.read(catalog);
        if (rebuild.isPresent()) {
            throw new StorException.Conflict(
                    "the catalog was rebuilt from less than everything: "
                            + rebuild.get().missing()
                            + ". Shards that its records do not name may be all that is left, so nothing is deleted; unmount the volume and run again, with all backends up:"
                            + " qsfs catalog rebuild. When what is missing will not come back: qsfs catalog rebuild --accept-loss");
        }
        Optional<Head> onBackends = copies.newest();
        Optional<Head> inCatalog = heads.read().map(PublishedHead::head);
        if (onBackends.isPresent() && isLater(onBackends.get(), inCatalog)) {
            throw new StorException.Conflict(
                    "the catalog was set back or lost: its head is "
                            + inCatalog.map(head -> head.lastMeta().toString()).orElse("none") + ", a backend knows "
                            + onBackends.get().lastMeta()
                            + ". Shards that its records do not name may be needed, so nothing is deleted; mount the volume again, which puts the head right");
        }
    }

    private static boolean isLater(Head head, Optional<Head> than) {
        return than.isEmpty()
                || head.epoch() > than.get().epoch()
                || (head.epoch() == than.get().epoch()
                        && head.lastMeta().number() > than.get().lastMeta().number());
    }
}
