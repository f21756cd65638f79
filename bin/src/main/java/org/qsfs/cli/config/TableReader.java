package org.qsfs.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Reads one TOML table, key by key. Every key that is asked for counts as known; {@link #finish} reports the others. Problems are collected, not thrown, so
 * that one run of the program shows them all; after a problem the reader goes on with empty values.
 *
 * <p>For one thread.
 */
final class TableReader {
    private final String file;
    private final String prefix;
    private final TomlTable table;
    private final int line;
    private final List<Problem> problems;
    private final Set<String> known = new TreeSet<>();

    TableReader(String file, String prefix, TomlTable table, int line, List<Problem> problems) {
        this.file = file;
        this.prefix = prefix;
        this.table = table;
        this.line = line;
        this.problems = problems;
    }

    /** Line of the table's own header. */
    int line() {
        return line;
    }

    int lineOf(String key) {
        TomlPosition position = table.inputPositionOf(List.of(key));
        return position == null ? line : position.line();
    }

    boolean has(String key) {
        known.add(key);
        return table.contains(List.of(key));
    }

    void problem(String key, String text) {
        problems.add(new Problem(file, lineOf(key), prefix + key + ": " + text));
    }

    /** A value of any type that {@code convert} understands; empty when it is absent or wrong. */
    <T> Optional<T> value(String key, String expected, Function<Object, Optional<T>> convert) {
        known.add(key);
        Object found = table.get(List.of(key));
        if (found == null) {
            return Optional.empty();
        }
        Optional<T> converted = convert.apply(found);
        if (converted.isEmpty()) {
            problem(key, "found " + show(key, found) + ", expected " + expected);
        }
        return converted;
    }

    /** Like {@link #value}, and its absence is a problem. */
    <T> Optional<T> required(String key, String expected, Function<Object, Optional<T>> convert) {
        if (!has(key)) {
            problems.add(new Problem(file, line, prefix + key + ": missing, expected " + expected));
            return Optional.empty();
        }
        return value(key, expected, convert);
    }

    Optional<String> string(String key, String expected) {
        return value(key, expected, TableReader::nonEmpty);
    }

    Optional<Secret> secret(String key) {
        return value(
                key,
                "a text in quotes",
                found -> found instanceof String text ? Optional.of(new Secret(text)) : Optional.empty());
    }

    Optional<Integer> integer(String key, int minimum, int maximum) {
        return value(key, "a whole number from " + minimum + " to " + maximum, found -> whole(found, minimum, maximum));
    }

    Optional<Integer> requiredInteger(String key, int minimum, int maximum) {
        return required(
                key, "a whole number from " + minimum + " to " + maximum, found -> whole(found, minimum, maximum));
    }

    Optional<Boolean> flag(String key) {
        return value(
                key, "true or false", found -> found instanceof Boolean flag ? Optional.of(flag) : Optional.empty());
    }

    Optional<Long> size(String key, long minimum, long maximum) {
        String expected = "a size from " + Quantity.formatSize(minimum) + " to " + Quantity.formatSize(maximum)
                + " such as \"64MiB\"";
        return value(key, expected, found -> switch (found) {
            case Long bytes -> Optional.of(bytes).filter(size -> size >= minimum && size <= maximum);
            case String text -> Quantity.size(text).filter(size -> size >= minimum && size <= maximum);
            default -> Optional.empty();
        });
    }

    Optional<Duration> duration(String key, Duration minimum, Duration maximum) {
        String expected = "a duration from " + Quantity.formatDuration(minimum) + " to "
                + Quantity.formatDuration(maximum) + " with its unit (ms, s, m, h, d) in quotes";
        return value(
                key,
                expected,
                found -> found instanceof String text
                        ? Quantity.duration(text)
                                .filter(value -> value.compareTo(minimum) >= 0 && value.compareTo(maximum) <= 0)
                        : Optional.empty());
    }

    /** A path, relative ones seen from the directory of the file. */
    Optional<Path> path(String key, Path base) {
        return string(key, "a path in quotes").map(text -> base.resolve(text).normalize());
    }

    /** One of a few words. */
    <T> Optional<T> choice(String key, List<String> words, Function<String, T> convert) {
        return value(
                key,
                "one of "
                        + String.join(
                                ", ",
                                words.stream().map(word -> '"' + word + '"').toList()),
                found -> found instanceof String text && words.contains(text)
                        ? Optional.of(convert.apply(text))
                        : Optional.empty());
    }

    List<String> strings(String key) {
        return value(key, "a list of texts, [\"one\", \"two\"]", TableReader::texts)
                .orElse(List.of());
    }

    /** A sub-table; absent is empty. */
    Optional<TableReader> table(String key) {
        return value(
                        key,
                        "a table, [" + prefix + key + "]",
                        found -> found instanceof TomlTable inner ? Optional.of(inner) : Optional.empty())
                .map(inner -> new TableReader(file, prefix + key + ".", inner, lineOf(key), problems));
    }

    /** The tables of an array of tables, {@code [[key]]}. */
    List<TableReader> tables(String key) {
        Optional<TomlArray> array = value(
                key,
                "tables, [[" + prefix + key + "]]",
                found -> found instanceof TomlArray inner && allTables(inner) ? Optional.of(inner) : Optional.empty());
        List<TableReader> readers = new ArrayList<>();
        array.ifPresent(found -> {
            for (int i = 0; i < found.size(); i++) {
                TomlPosition position = found.inputPositionOf(i);
                readers.add(new TableReader(
                        file,
                        prefix + key + "[" + i + "].",
                        found.getTable(i),
                        position == null ? lineOf(key) : position.line(),
                        problems));
            }
        });
        return readers;
    }

    /** Reports every key that nobody asked for. */
    void finish() {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                String hint = Spelling.nearest(key, known)
                        .map(word -> "; did you mean " + word + "?")
                        .orElse("; known here: " + String.join(", ", known));
                problems.add(new Problem(file, lineOf(key), prefix + key + ": unknown key" + hint));
            }
        }
    }

    private static Optional<String> nonEmpty(Object found) {
        return found instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    private static Optional<Integer> whole(Object found, int minimum, int maximum) {
        return found instanceof Long number && number >= minimum && number <= maximum
                ? Optional.of(Math.toIntExact(number))
                : Optional.empty();
    }

    private static Optional<List<String>> texts(Object found) {
        if (!(found instanceof TomlArray array)) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof String text) || text.isEmpty()) {
                return Optional.empty();
            }
            texts.add(text);
        }
        return Optional.of(texts);
    }

    private static boolean allTables(TomlArray array) {
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof TomlTable)) {
                return false;
            }
        }
        return true;
    }

    /** What was found, for a message: secrets are not repeated. */
    private static String show(String key, @Nullable Object found) {
        if (key.equals("password") || key.equals("key")) {
            return "something else";
        }
        return switch (found) {
            case String text -> '"' + text + '"';
            case TomlTable ignored -> "a table";
            case TomlArray ignored -> "a list";
            case null -> "nothing";
            default -> found.toString();
        };
    }
}
