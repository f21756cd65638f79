package org.qsfs.zdb.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.IndexFormat.Mode;

/** Compares every record that is not flagged with the entry that it means, and every value with its checksum. Memory: 16 bytes per entry of one file. */
final class Check {
    /** What an entry says of itself, without its value. */
    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Seen(byte[] key, int length, int crc) {}

    private final NamespaceFiles files;
    private final PrintStream out;
    private final String name;
    private int problems;
    private int records;
    private int live;
    private int away;

    Check(String name, NamespaceFiles files, PrintStream out) {
        this.name = name;
        this.files = files;
        this.out = out;
    }

    /** Checks all files, prints what is wrong and a line of numbers; the number of problems. */
    int run() throws IOException {
        int number = 0;
        for (; files.hasIndex(number); number++) {
            checkPair(number);
        }
        for (int later = number + 1; later < number + 1000; later++) {
            if (files.hasIndex(later)) {
                problem("%s is missing while %s is there".formatted(files.index(number), files.index(later)));
                break;
            }
        }
        out.printf(
                "%s: %d files (%d data files not here), %d records, %d of them live or replaced later, %d problems%n",
                name, number, away, records, live, problems);
        return problems;
    }

    private void checkPair(int number) throws IOException {
        Map<Long, Seen> entries = new HashMap<>();
        boolean here = files.hasData(number);
        if (here) {
            readData(number, entries);
        } else {
            away++;
        }
        try {
            Mode mode = files.mode(number);
            String end = files.walkIndex(number, (offset, record, key) -> {
                records++;
                boolean inThisFile = mode == Mode.USER || record.dataFile() == number;
                if (!record.deleted()) {
                    live++;
                    if (here && inThisFile) {
                        compare(number, offset, record, key, entries);
                    }
                }
            });
            if (!end.isEmpty()) {
                problem(end);
            }
        } catch (IOException e) {
            problem(String.valueOf(e.getMessage()));
        }
    }

    private void readData(int number, Map<Long, Seen> entries) throws IOException {
        var end = files.walkData(number, entry -> {
            if (!entry.crcOk()) {
                problem("%s: the value of the entry at %d has a wrong checksum"
                        .formatted(files.data(number), entry.location().position()));
            }
            if (!entry.tombstone()) {
                entries.put(
                        entry.location().position(),
                        new Seen(entry.key(), entry.location().length(), entry.crc()));
            }
            return true;
        });
        if (!end.complete()) {
            problem(files.data(number).getParent() + ": " + end.detail());
        }
    }

    private void compare(int number, int offset, IndexRecord record, byte[] key, Map<Long, Seen> entries) {
        Seen seen = entries.get(Integer.toUnsignedLong(record.offset()));
        if (seen == null
                || !Arrays.equals(seen.key(), key)
                || seen.length() != record.valueLength()
                || seen.crc() != record.crc()) {
            problem("%s: the record at %d means an entry at %d that is not there or is another one"
                    .formatted(files.index(number), offset, Integer.toUnsignedLong(record.offset())));
        }
    }

    private void problem(String text) {
        problems++;
        out.println(name + ": " + text);
    }
}
