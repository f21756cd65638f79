package org.qsfs.zdb.tool;

import java.io.IOException;
import java.io.PrintStream;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.log.ScanEnd;

/** Prints every index record and every data entry of a namespace, without values. */
final class Dump {
    private final NamespaceFiles files;
    private final PrintStream out;

    Dump(NamespaceFiles files, PrintStream out) {
        this.files = files;
        this.out = out;
    }

    void run(String name) throws IOException {
        for (int number = 0; files.hasIndex(number); number++) {
            int n = number;
            out.printf(
                    "%s i%d %s%n",
                    name, n, files.mode(n) == org.qsfs.zdb.format.IndexFormat.Mode.USER ? "user" : "sequential");
            String end = files.walkIndex(
                    n,
                    (offset, r, key) -> out.printf(
                            "  i%d@%d %s d%d@%d length %d time %s crc %08x previous %d before i%d@%d%s%n",
                            n,
                            offset,
                            shown(key),
                            r.dataFile(),
                            Integer.toUnsignedLong(r.offset()),
                            Integer.toUnsignedLong(r.valueLength()),
                            Integer.toUnsignedString(r.timestamp()),
                            r.crc(),
                            Integer.toUnsignedLong(r.previous()),
                            r.parentFile(),
                            r.parentOffset(),
                            r.deleted() ? " flagged" : ""));
            if (!end.isEmpty()) {
                out.println("  " + end);
            }
            if (files.hasData(n)) {
                dumpData(n);
            } else {
                out.printf("  d%d is not here%n", n);
            }
        }
    }

    private void dumpData(int number) throws IOException {
        ScanEnd end = files.walkData(number, e -> {
            boolean tombstone = e.tombstone();
            out.printf(
                    "  d%d@%d %s length %d time %s crc %08x%s%s%n",
                    number,
                    e.location().position(),
                    shown(e.key()),
                    e.location().length(),
                    Integer.toUnsignedString(e.timestamp()),
                    e.crc(),
                    tombstone ? " tombstone" : (e.flags() & DataFormat.TRUNCATED) != 0 ? " dropped" : "",
                    e.crcOk() ? "" : " WRONG CHECKSUM");
            return true;
        });
        if (!end.complete()) {
            out.println("  " + end.detail());
        }
    }

    /** The key as text where it is, else in hex. */
    private static String shown(byte[] key) {
        StringBuilder hex = new StringBuilder("0x");
        StringBuilder text = new StringBuilder("'");
        boolean printable = true;
        for (byte b : key) {
            printable &= b >= 32 && b < 127 && b != '\'';
            hex.append("%02x".formatted(b));
            text.append((char) b);
        }
        return printable ? text.append('\'').toString() : hex.toString();
    }
}
