package org.qsfs.metadata.zdb;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.zdb.Nodes.Answers;
import org.qsfs.zdb.client.ZdbEntry;

/** Reading and writing what the namespaces hold, one step above single values: the writer record, the last transaction, and values of keys over all epochs. Thread-safe. */
final class ZdbState {
    private static final int CHUNK = 64;

    private final ZdbCatalogConfig config;
    private final Nodes nodes;
    private final Resolution resolution;
    private final String catalog;

    ZdbState(ZdbCatalogConfig config, Nodes nodes, String catalog) {
        this.config = config;
        this.nodes = nodes;
        this.resolution = new Resolution(config);
        this.catalog = catalog;
    }

    /**
     * The catalog as it is for some keys.
     *
     * @param writer who writes, and in which epoch
     * @param last the transaction that was committed last in that epoch
     * @param values versions of the keys asked for, without what {@code last} says of them; deletions included
     */
    record View(WriterRecord writer, Optional<Version> last, Map<String, Version> values) {
        /** The version of a key that counts. */
        Optional<Version> version(String key) {
            return Optional.ofNullable(Transactions.versions(last.orElse(null)).get(key))
                    .or(() -> Optional.ofNullable(values.get(key)));
        }

        /** The highest revision of all commits so far. */
        long revision() {
            return Math.max(writer.revision(), last.map(Version::revision).orElse(0L));
        }
    }

    /** Who is the writer. */
    WriterRecord writer() {
        return writer(
                nodes.read(List.of(ShardFormat.writerName(config.scope())))
                        .require(config.readQuorum(), catalog + ": reading who is the writer"),
                0);
    }

    private WriterRecord writer(Answers<List<Optional<byte[]>>> answers, int position) {
        WriterRecord highest = WriterRecord.NONE;
        for (List<Optional<byte[]>> values : answers.results()) {
            if (values != null) {
                WriterRecord found =
                        values.get(position).flatMap(WriterRecord::decode).orElse(WriterRecord.NONE);
                highest = WriterRecord.ORDER.compare(found, highest) > 0 ? found : highest;
            }
        }
        return highest;
    }

    /** Reads everything that a commit or a get needs, in one round where the epoch is as guessed. */
    View view(Collection<String> keys, long guessedEpoch) {
        long epoch = guessedEpoch;
        while (true) {
            Map<String, List<byte[]>> names = new LinkedHashMap<>();
            for (String key : keys) {
                List<byte[]> ofKey = new ArrayList<>();
                for (long e = epoch; e >= 0; e--) {
                    ofKey.add(ShardFormat.valueName(config.scope(), e, key));
                }
                names.put(key, ofKey);
            }
            List<byte[]> all = new ArrayList<>();
            all.add(ShardFormat.writerName(config.scope()));
            all.add(ShardFormat.transactionName(config.scope(), epoch));
            names.values().forEach(all::addAll);
            Answers<List<Optional<byte[]>>> answers = read(all);
            WriterRecord writer = writer(answers, 0);
            if (writer.epoch() == epoch) {
                Map<String, Version> values = new HashMap<>();
                Optional<Version> last = resolution.resolve(column(answers, 1));
                Set<String> covered = Transactions.versions(last.orElse(null)).keySet();
                int position = 2;
                for (Map.Entry<String, List<byte[]>> key : names.entrySet()) {
                    int first = position;
                    position += key.getValue().size();
                    if (!covered.contains(key.getKey())) {
                        highest(answers, first, position).ifPresent(version -> values.put(key.getKey(), version));
                    }
                }
                return new View(writer, last, values);
            }
            epoch = writer.epoch();
        }
    }

    /** Names are of descending epochs, so the first that has a version has the highest. */
    private Optional<Version> highest(Answers<List<Optional<byte[]>>> answers, int from, int to) {
        for (int position = from; position < to; position++) {
            Optional<Version> found = resolution.resolve(column(answers, position));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static List<@Nullable Optional<byte[]>> column(Answers<List<Optional<byte[]>>> answers, int position) {
        List<@Nullable Optional<byte[]>> column = new ArrayList<>();
        for (List<Optional<byte[]>> values : answers.results()) {
            column.add(values == null ? null : values.get(position));
        }
        return column;
    }

    private Answers<List<Optional<byte[]>>> read(List<byte[]> names) {
        return nodes.read(names).require(config.readQuorum(), catalog + ": reading");
    }

    /** Everything whose key begins with a prefix, deletions included, with the last transaction carried out. */
    Map<String, Version> all(String prefix, long epoch) {
        Optional<Version> last =
                resolution.resolve(column(read(List.of(ShardFormat.transactionName(config.scope(), epoch))), 0));
        TreeMap<String, Version> found = new TreeMap<>();
        List<byte[]> names = names();
        for (int from = 0; from < names.size(); from += CHUNK) {
            List<byte[]> chunk = names.subList(from, Math.min(names.size(), from + CHUNK));
            Answers<List<Optional<byte[]>>> answers = read(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                resolution
                        .resolve(column(answers, i))
                        .filter(version -> version.key().startsWith(prefix))
                        .ifPresent(version -> found.merge(version.key(), version, ZdbState::later));
            }
        }
        Transactions.versions(last.orElse(null)).forEach((key, version) -> {
            if (key.startsWith(prefix)) {
                found.put(key, version);
            }
        });
        return found;
    }

    private static Version later(Version one, Version other) {
        return Version.ORDER.compare(one, other) >= 0 ? one : other;
    }

    /** Every name of a value that any node holds. */
    private List<byte[]> names() {
        Answers<List<byte[]>> answers = nodes.names(
                        name -> ShardFormat.isValueName(config.scope(), name), config.readQuorum())
                .require(config.readQuorum(), catalog + ": listing");
        TreeSet<byte[]> names = new TreeSet<>(java.util.Arrays::compareUnsigned);
        for (List<byte[]> ofNode : answers.results()) {
            if (ofNode != null) {
                names.addAll(ofNode);
            }
        }
        return List.copyOf(names);
    }

    // ---------------------------------------------------------------------------------------------- writing

    /** @return whether every node has it now; a quorum has */
    boolean write(WriterRecord writer) {
        ZdbEntry entry = new ZdbEntry(ShardFormat.writerName(config.scope()), writer.encode());
        return nodes.write(node -> List.of(entry))
                        .require(config.writeQuorum(), catalog + ": writing who is the writer")
                        .count()
                == nodes.count();
    }

    /** Makes a transaction the last one of its epoch: from now on it is committed. */
    boolean writeTransaction(Version transaction) {
        byte[] name = ShardFormat.transactionName(config.scope(), transaction.epoch());
        List<byte[]> shards = resolution.shards(transaction);
        return nodes.write(node -> List.of(new ZdbEntry(name, shards.get(node))))
                        .require(config.writeQuorum(), catalog + ": committing")
                        .count()
                == nodes.count();
    }

    /** Writes versions under their own names. Where everybody has a deletion, nothing of the key is left. */
    boolean apply(List<Version> versions) {
        List<List<byte[]>> shards = versions.stream().map(resolution::shards).toList();
        boolean everybody = true;
        for (int from = 0; from < versions.size(); from += CHUNK) {
            int first = from;
            int to = Math.min(versions.size(), from + CHUNK);
            everybody &= nodes.write(node -> {
                                List<ZdbEntry> entries = new ArrayList<>();
                                for (int i = first; i < to; i++) {
                                    entries.add(new ZdbEntry(
                                            name(versions.get(i)), shards.get(i).get(node)));
                                }
                                return entries;
                            })
                            .require(config.writeQuorum(), catalog + ": writing")
                            .count()
                    == nodes.count();
        }
        if (everybody) {
            tidy(versions);
        }
        return everybody;
    }

    private byte[] name(Version version) {
        return ShardFormat.valueName(config.scope(), version.epoch(), version.key());
    }

    /** Deletions that everybody has: first what older epochs hold goes, then the deletion itself. */
    private void tidy(List<Version> versions) {
        List<byte[]> older = new ArrayList<>();
        List<byte[]> own = new ArrayList<>();
        for (Version version : versions) {
            if (version.value() == null) {
                own.add(name(version));
                for (long epoch = version.epoch() - 1; epoch >= 0; epoch--) {
                    older.add(ShardFormat.valueName(config.scope(), epoch, version.key()));
                }
            }
        }
        if (!own.isEmpty() && (older.isEmpty() || nodes.delete(older).count() == nodes.count())) {
            nodes.delete(own);
        }
    }

    /**
     * Gives every node what it should have: after one was away, or was replaced by an empty one.
     *
     * @return how many values were written; empty when a node did not take part, so that it has to be done again
     */
    Optional<Integer> repair(View view) {
        Answers<List<byte[]>> present =
                nodes.names(name -> ShardFormat.isValueName(config.scope(), name), nodes.count());
        if (present.count() < nodes.count()) {
            return Optional.empty();
        }
        List<byte[]> names = names();
        int written = 0;
        boolean everybody = write(view.writer());
        if (view.last().isPresent()) {
            everybody &= writeTransaction(view.last().get());
        }
        for (int from = 0; from < names.size(); from += CHUNK) {
            List<byte[]> chunk = names.subList(from, Math.min(names.size(), from + CHUNK));
            Answers<List<Optional<byte[]>>> answers = read(chunk);
            List<List<ZdbEntry>> wanted = new ArrayList<>();
            for (int node = 0; node < nodes.count(); node++) {
                wanted.add(new ArrayList<>());
            }
            for (int i = 0; i < chunk.size(); i++) {
                Optional<Version> version = resolution.resolve(column(answers, i));
                if (version.isPresent()) {
                    List<byte[]> shards = resolution.shards(version.get());
                    for (int node = 0; node < nodes.count(); node++) {
                        if (!Resolution.holds(column(answers, i), node, shards.get(node))) {
                            wanted.get(node).add(new ZdbEntry(chunk.get(i), shards.get(node)));
                            written++;
                        }
                    }
                }
            }
            everybody &= nodes.write(wanted::get).count() == nodes.count();
        }
        return everybody ? Optional.of(written) : Optional.empty();
    }

    /** @throws CatalogException when a commit would not be possible now */
    void checkWritable() {
        byte[] name = ShardFormat.valueName(config.scope(), 0, "writer/probe");
        Version probe = new Version("writer/probe", 0, 0, null);
        List<byte[]> shards = resolution.shards(probe);
        nodes.write(node -> List.of(new ZdbEntry(name, shards.get(node))))
                .require(config.writeQuorum(), catalog + ": writing");
        nodes.delete(List.of(name));
    }
}
