package org.qsfs.metadata.writer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.qsfs.metadata.CatalogBehindException;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SupersededException;

/**
 * Decides whether a request makes its sender the writer, and in which epoch.
 *
 * <pre>
 * local epoch        writer alive   take over   result
 * none               no             either      epoch + 1
 * none               yes            yes         epoch + 1
 * = catalog's        no             either      the same epoch
 * = catalog's        yes            yes         epoch + 1
 * none, = catalog's  yes            no          LeaseHeldException
 * &lt; catalog's     either         either      SupersededException
 * &gt; catalog's     either         either      CatalogBehindException
 * </pre>
 *
 * <p>The catalog's epoch is what it holds, or the highest one that the request has seen elsewhere.
 *
 * <p>An earlier run of the same holder is never alive: whoever asks holds the lock of its local state.
 *
 * @param epoch the epoch won
 * @param holder what to write under {@link CatalogKeys#HOLDER}
 * @param transaction what makes it so, still without the mutation of the holder key: that hangs on a lease
 */
public record Election(long epoch, HolderRecord holder, CatalogTransaction transaction) {

    /**
     * @param catalog for messages
     * @param epochEntry of {@link CatalogKeys#EPOCH}
     * @param holderEntry of {@link CatalogKeys#HOLDER}
     * @param alive whether the holder found there may still be writing
     */
    public static Election decide(
            String catalog,
            LeaseRequest request,
            Optional<CatalogEntry> epochEntry,
            Optional<CatalogEntry> holderEntry,
            Predicate<HolderRecord> alive) {
        long found = epochEntry.map(entry -> epoch(catalog, entry)).orElse(0L);
        long catalogEpoch = Math.max(found, request.seen());
        long localEpoch = request.localEpoch().orElse(catalogEpoch);
        if (localEpoch < catalogEpoch) {
            throw new SupersededException(catalog, localEpoch, catalogEpoch);
        }
        if (localEpoch > catalogEpoch) {
            throw new CatalogBehindException(catalog, localEpoch, catalogEpoch);
        }
        Optional<HolderRecord> rival = holderEntry
                .map(entry -> holder(catalog, entry))
                .filter(other -> !other.holder().equals(request.holder()))
                .filter(alive);
        if (rival.isPresent() && !request.takeOver()) {
            throw new LeaseHeldException(
                    catalog, rival.get().holder(), rival.get().since());
        }
        boolean continues = request.localEpoch().isPresent() && rival.isEmpty();
        long epoch = continues ? catalogEpoch : catalogEpoch + 1;

        CatalogTransaction.Builder transaction = CatalogTransaction.begin();
        unchanged(transaction, CatalogKeys.EPOCH, epochEntry);
        unchanged(transaction, CatalogKeys.HOLDER, holderEntry);
        if (epoch != found) {
            transaction.put(CatalogKeys.EPOCH, Long.toString(epoch).getBytes(StandardCharsets.US_ASCII));
        }
        HolderRecord holder = new HolderRecord(
                request.holder(),
                epoch,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                UUID.randomUUID().toString());
        return new Election(epoch, holder, transaction.build());
    }

    private static void unchanged(CatalogTransaction.Builder transaction, String key, Optional<CatalogEntry> entry) {
        if (entry.isPresent()) {
            transaction.ifRevision(key, entry.get().revision());
        } else {
            transaction.ifAbsent(key);
        }
    }

    private static long epoch(String catalog, CatalogEntry entry) {
        String text = new String(entry.value(), StandardCharsets.US_ASCII);
        try {
            long epoch = Long.parseLong(text);
            if (epoch >= 1) {
                return epoch;
            }
        } catch (NumberFormatException e) {
            // falls through to the message
        }
        throw new CatalogException.Corrupt(
                catalog + ": " + entry.key() + " is \"" + text + "\", expected an epoch; is this a qsfs catalog?",
                null);
    }

    private static HolderRecord holder(String catalog, CatalogEntry entry) {
        try {
            return HolderRecord.parse(entry.value());
        } catch (IllegalArgumentException e) {
            throw new CatalogException.Corrupt(
                    catalog + ": " + entry.key() + " is no holder record: " + e.getMessage(), e);
        }
    }
}
