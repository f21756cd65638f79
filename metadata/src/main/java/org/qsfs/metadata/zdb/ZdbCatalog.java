package org.qsfs.metadata.zdb;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.Mutation;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.HolderRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalog in zdb namespaces, see the package. It fulfils the contract of a store; of the concurrent one only that a writer which was taken over can do no harm. Whoever is the writer stays it until
 * it releases the right or an operator gives it to somebody else.
 *
 * <p>A commit first replaces the last transaction of the epoch on a quorum, and that makes it durable and whole; then its changes go to names of their own. Readers take the last transaction into
 * account, and the next commit begins by finishing it.
 *
 * <p>{@link #scan} holds everything it finds in memory.
 */
public final class ZdbCatalog implements Catalog {
    private static final Logger log = LoggerFactory.getLogger(ZdbCatalog.class);

    private final ZdbCatalogConfig config;
    private final Nodes nodes;
    private final ZdbState state;
    private final ZdbLeases leases;
    private final ReentrantLock committing = new ReentrantLock();
    private volatile long epoch;
    /** Revision of the last transaction that is known to have reached its own names. */
    private long applied;

    private volatile boolean repairNeeded = true;

    /** Connects when it is first used. */
    public ZdbCatalog(ZdbCatalogConfig config) {
        this.config = config;
        this.nodes = new Nodes(config);
        this.state = new ZdbState(config, nodes, toString());
        this.leases = new ZdbLeases(this);
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        CatalogKeys.check(key);
        if (isOfWriter(key)) {
            return Optional.ofNullable(ofWriter(state.writer()).get(key));
        }
        ZdbState.View view = view(Set.of(key));
        return view.version(key).flatMap(ZdbCatalog::entry);
    }

    @Override
    public void scan(String prefix, Consumer<CatalogEntry> consumer) {
        CatalogKeys.checkPrefix(prefix);
        WriterRecord writer = state.writer();
        TreeMap<String, CatalogEntry> entries = new TreeMap<>();
        state.all(prefix, writer.epoch())
                .forEach((key, version) -> entry(version).ifPresent(entry -> entries.put(key, entry)));
        ofWriter(writer).forEach((key, entry) -> {
            if (key.startsWith(prefix)) {
                entries.put(key, entry);
            }
        });
        entries.values().forEach(consumer);
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        for (Mutation mutation : transaction.mutations()) {
            if (isOfWriter(mutation.key())) {
                throw new IllegalArgumentException(mutation.key() + " is changed by acquiring the lease only");
            }
        }
        return alone(() -> {
            Set<String> keys = new HashSet<>();
            for (Condition condition : transaction.conditions()) {
                switch (condition) {
                    case Condition.Absent absent -> keys.add(absent.key());
                    case Condition.AtRevision at -> keys.add(at.key());
                    case Condition.Held held -> {}
                }
            }
            ZdbState.View view = view(keys);
            for (Condition condition : transaction.conditions()) {
                if (!holds(condition, view)) {
                    return OptionalLong.empty();
                }
            }
            if (transaction.mutations().isEmpty()) {
                return OptionalLong.of(view.revision());
            }
            finish(view);
            long revision = view.revision() + 1;
            Version record =
                    new Version("", view.writer().epoch(), revision, Transactions.encode(transaction.mutations()));
            repairNeeded |= !state.writeTransaction(record);
            try {
                repairNeeded |= !state.apply(Transactions.list(Optional.of(record)));
                applied = revision;
            } catch (CatalogException notYet) {
                // it is committed; the next commit begins by writing it to its own names
                log.info("{}: {}", this, notYet.getMessage());
                repairNeeded = true;
            }
            return OptionalLong.of(revision);
        });
    }

    private boolean holds(Condition condition, ZdbState.View view) {
        return switch (condition) {
            case Condition.Absent absent -> current(absent.key(), view).isEmpty();
            case Condition.AtRevision at ->
                current(at.key(), view)
                        .filter(entry -> entry.revision() == at.revision())
                        .isPresent();
            case Condition.Held held -> leases.isValid(held.lease(), view.writer());
        };
    }

    private static Optional<CatalogEntry> current(String key, ZdbState.View view) {
        return isOfWriter(key)
                ? Optional.ofNullable(ofWriter(view.writer()).get(key))
                : view.version(key).flatMap(ZdbCatalog::entry);
    }

    /** Carries out what of the last transaction may not have reached its own names. */
    private void finish(ZdbState.View view) {
        if (view.last().isPresent() && view.last().get().revision() != applied) {
            state.apply(Transactions.list(view.last()));
            applied = view.last().get().revision();
        }
    }

    private ZdbState.View view(Set<String> keys) {
        ZdbState.View view =
                state.view(keys.stream().filter(key -> !isOfWriter(key)).toList(), epoch);
        epoch = view.writer().epoch();
        return view;
    }

    @Override
    public void checkWritable() {
        alone(() -> {
            state.checkWritable();
            return true;
        });
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        WriterLease lease = leases.acquire(request);
        repairNeeded = true;
        return lease;
    }

    /**
     * Gives namespaces that were away, or were replaced by empty ones, what they lack. The writer does so by itself.
     *
     * @return whether every namespace has everything now
     */
    public boolean repair() {
        return alone(() -> {
            ZdbState.View view = view(Set.of());
            finish(view);
            Optional<Integer> written = state.repair(view);
            written.filter(count -> count > 0)
                    .ifPresent(count -> log.info("{}: {} values were missing in a namespace", this, count));
            repairNeeded = written.isEmpty();
            return written.isPresent();
        });
    }

    boolean repairNeeded() {
        return repairNeeded;
    }

    ZdbState state() {
        return state;
    }

    /** The view of nothing but the writer, with the last transaction finished; inside of {@link #alone}. */
    ZdbState.View settled() {
        ZdbState.View view = view(Set.of());
        finish(view);
        return view;
    }

    /** One change at a time. */
    <T> T alone(Supplier<T> work) {
        committing.lock();
        try {
            return work.get();
        } finally {
            committing.unlock();
        }
    }

    private static boolean isOfWriter(String key) {
        return key.equals(CatalogKeys.EPOCH) || key.equals(CatalogKeys.HOLDER);
    }

    private static java.util.Map<String, CatalogEntry> ofWriter(WriterRecord writer) {
        java.util.Map<String, CatalogEntry> entries = new TreeMap<>();
        if (writer.epoch() > 0) {
            byte[] decimal = Long.toString(writer.epoch()).getBytes(StandardCharsets.US_ASCII);
            entries.put(CatalogKeys.EPOCH, new CatalogEntry(CatalogKeys.EPOCH, decimal, writer.revision()));
        }
        @Nullable HolderRecord holder = writer.holder();
        if (holder != null) {
            entries.put(CatalogKeys.HOLDER, new CatalogEntry(CatalogKeys.HOLDER, holder.toBytes(), writer.revision()));
        }
        return entries;
    }

    /** What the catalog says of a writer record, for an election. */
    static Optional<CatalogEntry> ofWriter(WriterRecord writer, String key) {
        return Optional.ofNullable(ofWriter(writer).get(key));
    }

    private static Optional<CatalogEntry> entry(Version version) {
        byte[] value = version.value();
        return value == null
                ? Optional.empty()
                : Optional.of(new CatalogEntry(version.key(), value, version.revision()));
    }

    @Override
    public void close() {
        leases.close();
        nodes.close();
    }

    @Override
    public String toString() {
        return "catalog zdb " + List.copyOf(config.namespaces()) + " " + config.scope();
    }
}
